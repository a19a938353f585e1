"""The laboratory keeps to itself, and nothing that it loads is executed before its reader runs it."""
import json
import pathlib
import urllib.error
import urllib.request

from charts import places, saved_charts
from jupyter import REPOSITORY, Notebook, saved_cells, wait_for

# Each would leave its mark in the page if a browser took it for more than text.
HOSTILE = '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" onload="window.hurt=1"><script>window.hurt=1</script>'


def answer(url, token=None):
    """The status by which the laboratory answers a request."""
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"} if token else {})
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code


def put(lab, name, *cells):
    """Puts a notebook with the Go kernel into the laboratory."""
    notebook = json.loads((REPOSITORY / "notebooks" / "index.ipynb").read_text())
    notebook["cells"] = [dict(cell, id=f"cell-{i}", metadata={}) for i, cell in enumerate(cells)]
    (lab.notebooks / name).write_text(json.dumps(notebook))
    return name


def code(source, *html):
    outputs = [{"output_type": "display_data", "data": {"text/html": text}, "metadata": {}} for text in html]
    return {"cell_type": "code", "execution_count": None, "source": source, "outputs": outputs}


def listening(port):
    """The addresses, as the kernel writes them, at which a TCP port is listened to. Its table is read several times: it may
    leave out a line while other programs open and close theirs."""
    tables = "".join(pathlib.Path("/proc/net", name).read_text() for _ in range(20) for name in ("tcp", "tcp6"))
    lines = (line.split() for line in tables.splitlines())
    return {line[1] for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "0A"}


def test_only_this_machine_reaches_it(lab):
    assert listening(lab.port) == {f"0100007F:{lab.port:04X}"}  # 127.0.0.1, the bytes in the machine's order


def test_it_asks_for_its_token(lab):
    contents = f"{lab.url}api/contents"
    assert len(lab.token) >= 32
    assert answer(contents, lab.token) == 200
    assert answer(contents) == 403
    assert answer(contents, lab.token[:-1]) == 403
    assert answer(f"{lab.url}api/kernels") == 403


def test_committed_charts_are_interactive_at_once(page, lab):
    notebook = Notebook(page, lab, "02_plasticity.ipynb")
    assert notebook.trust().startswith("Notebook trusted")
    number = next(i for i in notebook.code() if saved_charts(notebook.cells[i]))
    place = places(notebook.cell(number)).first
    wait_for("the chart", lambda: place.locator("svg").count())


def test_untrusted_shows_static_pictures(page, lab, shoot):
    notebook = json.loads((REPOSITORY / "notebooks" / "01_replay.ipynb").read_text())
    notebook["cells"][0]["source"] += ["\nChanged by somebody."]
    (lab.notebooks / "changed.ipynb").write_text(json.dumps(notebook))
    page.emulate_media(color_scheme="dark")
    notebook = Notebook(page, lab, "changed.ipynb")
    assert not notebook.trust().startswith("Notebook trusted")
    for number in notebook.code():
        cell, count = notebook.cell(number), saved_charts(notebook.cells[number])
        wait_for(f"{count} pictures", lambda: cell.locator("img").count() == count)
        for picture in cell.locator("img").all():
            picture.scroll_into_view_if_needed()
            wait_for("the picture", lambda: picture.evaluate("i => i.complete && i.naturalWidth > 300 && i.getBoundingClientRect().width > 300"))
        if count:
            shoot(cell.locator(".jp-OutputArea").first, f"untrusted-cell{number}")
    assert page.evaluate("typeof window.engramPlots") == "undefined"


def test_opening_runs_nothing(page, lab):
    written = lab.notebooks / "written"
    name = put(lab, "hostile.ipynb",
               {"cell_type": "markdown", "source": HOSTILE},
               code('%%\nmust(os.WriteFile("written", nil, 0o644))', HOSTILE, f'<svg onload="window.hurt=1"></svg>{HOSTILE}', '<a href="javascript:window.hurt=1">x</a>'),
               {"cell_type": "raw", "source": HOSTILE})
    notebook = Notebook(page, lab, name)
    notebook.cell(2)
    wait_for("the output", lambda: notebook.cell(1).locator(".jp-OutputArea-output").count() == 3)
    assert not notebook.trust().startswith("Notebook trusted")
    assert page.evaluate("window.hurt") is None
    assert page.locator('a[href^="javascript"]').count() == 0
    assert not written.exists()


# What comes from outside, such as a run's name, is a title or a curve's name in the chart of a cell.
def test_names_in_charts_are_text(page, lab, shoot):
    name = json.dumps(HOSTILE + '"\'`</title>')
    notebook = Notebook(page, lab, put(lab, "names.ipynb", code(f'''%noautoget
import (
	"engram/plots"
	"engram/plots/notebook"
)

%%
notebook.Begin()
notebook.Show(plots.Lines{{Title: {name}, XLabel: {name}, YLabel: {name}, Series: []plots.Series{{
	{{Name: {name}, X: []float64{{1, 2}}, Y: []float64{{3, 4}}}}, {{Name: "b", X: []float64{{1, 2}}, Y: []float64{{4, 3}}}}}}}})''')))
    notebook.run_all()
    assert not notebook.errors()
    place = places(notebook.cell(0)).first
    wait_for("the chart", lambda: place.locator("svg text").count())
    place.hover()  # the tooltip has the names, too
    page.mouse.move(place.bounding_box()["x"] + place.bounding_box()["width"] / 2, place.bounding_box()["y"] + 150)
    page.wait_for_timeout(1000)
    shoot(page, "hostile-names")
    assert page.evaluate("window.hurt") is None
    assert "onload" in place.text_content()


def test_names_of_files_are_text(page, lab):
    (lab.notebooks / '<img src=x onerror="window.hurt=1">.csv').write_text(f"a,b\n{HOSTILE},1\n")
    Notebook(page, lab, "index.ipynb")
    page.get_by_text("onerror").first.wait_for()
    assert page.evaluate("window.hurt") is None


def test_the_map_leads_to_each_notebook(page, lab):
    notebook = Notebook(page, lab, "index.ipynb")
    names = sorted(path.name for path in (REPOSITORY / "notebooks").glob("[0-9]*.ipynb"))
    links = notebook.cell(0).locator("td a")
    links.first.wait_for()
    assert links.evaluate_all("all => all.map(a => a.href.split('/').pop().split('?')[0])") == names
    links.first.click()
    page.get_by_text(f"Cell 1/{len(saved_cells(names[0]))}", exact=True).wait_for()
