"""Reports, the watch page and notebooks at three widths, light and dark: all text can be read."""
import pytest

import axe
from charts import places, save_by_keys, saved_charts
from exhibits import Exhibits
from jupyter import Notebook, wait_for
from looks import THEMES, WIDTHS, contrasts, settle, texts, wider

# The rules that axe-core keeps of WCAG 2, levels A and AA: contrast among them.
TAGS = "wcag2a", "wcag2aa"


@pytest.fixture(scope="module")
def script():
    """The text of axe-core, which scripts/browser.sh has fetched."""
    return axe.SCRIPT.read_text()


@pytest.fixture(scope="module")
def exhibits(tmp_path_factory):
    return Exhibits(tmp_path_factory.mktemp("exhibits"))


@pytest.fixture
def window(chromium):
    """A page for what is no notebook."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def lasting(page, look):
    """Looks again while something is wrong, up to five times: charts are redrawn some time after a theme or width changed."""
    for _ in range(5):
        if not (found := look()):
            break
        page.wait_for_timeout(1000)
    return found


def each_look(page, shoot, name, look, widths=WIDTHS, themes=THEMES):
    """Looks at a page at each width and in both themes; fails with all that is wrong, and leaves screenshots of it."""
    wrong = []
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            settle(page)
            if found := lasting(page, look):
                wrong += [f"{name}, {theme}, {width} px:", *(f"    {fault}" for fault in found)]
                shoot(page, f"looks-{name}-{theme}-{width}", full_page=True)
    assert not wrong, "\n".join(["a reader sees:", *wrong])


def faults(page, script, selector="body"):
    """Returns what is wrong with the page as it is."""
    seen, found = texts(page, selector)
    assert seen > 5, "nothing is shown"
    return found + wider(page) + contrasts(page, selector, script, TAGS)


REPORTS = ["run", "session", "suite", "study", "compared", "analysis"]


@pytest.mark.parametrize("name", REPORTS)
def test_reports_can_be_read(window, exhibits, script, shoot, name):
    window.goto(exhibits.pages[name])
    each_look(window, shoot, name, lambda: faults(window, script))


@pytest.mark.parametrize("theme", THEMES)
def test_a_chart_is_saved_by_keys(window, exhibits, theme):
    window.emulate_media(color_scheme=theme)
    window.goto(exhibits.pages["compared"])
    place = window.locator('div[role="img"]').first
    shown = wait_for("the chart", lambda: place.locator("svg text").all_text_contents())
    assert sorted(save_by_keys(window, place)) == sorted(shown)


@pytest.mark.parametrize("name", REPORTS)
def test_reports_can_be_read_without_scripts(window, exhibits, shoot, name):
    window.goto(exhibits.static(name))
    each_look(window, shoot, f"{name}-static", lambda: texts(window, "body")[1] + wider(window))


def test_the_watch_page_can_be_read(window, exhibits, script, shoot):
    process, address = exhibits.watched()
    try:
        window.goto(address)
        window.locator("summary").first.wait_for()
        each_look(window, shoot, "watch", lambda: faults(window, script))
    finally:
        process.terminate()
        process.wait()
    window.get_by_text("engram watch has ended").wait_for()
    each_look(window, shoot, "watch-ended", lambda: faults(window, script), WIDTHS[-1:])


# What JupyterLab itself shows around is its own.
OURS = ".jp-OutputArea-output, .jp-RenderedMarkdown"


@pytest.mark.parametrize("name", ["02_plasticity", "04_training", "07_sweep"])
def test_saved_notebooks_can_be_read(page, lab, script, shoot, name):
    lab.set("apputils-extension/themes", **{"adaptive-theme": True})  # that of the system, which the test changes
    lab.set("notebook-extension/tracker", windowingMode="none")  # all cells are there, not only those in sight
    notebook = Notebook(page, lab, f"{name}.ipynb")
    charts = sum(map(saved_charts, (notebook.cells[i] for i in notebook.code())))
    wait_for(f"{charts} charts", lambda: places(page.locator(".jp-Notebook")).count() == charts)
    page.keyboard.press("Control+b")  # without the list of files

    def look():
        wait_for("the theme", lambda: page.evaluate(THEMED))
        wait_for("the charts", lambda: page.evaluate(DRAWN) == charts)
        settle(page)
        seen, found = texts(page, OURS)
        assert seen > 100, "nothing is shown"
        if page.viewport_size["width"] == WIDTHS[-1]:  # colours do not depend on the width
            found += contrasts(page, OURS, script)
        return found

    each_look(page, shoot, name, look)


THEMED = "document.body.dataset.jpThemeLight === String(matchMedia('(prefers-color-scheme: light)').matches)"
DRAWN = """() => document.querySelectorAll('.jp-OutputArea-output div[role="img"] > div > svg').length"""


def test_the_looks_see(window, script):
    """Each fault that is put into a page on purpose is seen, and a page without any has none."""
    window.set_viewport_size({"width": 420, "height": 900})
    window.set_content(FAULTY)
    _, found = texts(window, "#right")
    assert not found + contrasts(window, "#right", script, TAGS)
    _, found = texts(window, "body")
    for fault in ['"beneath" and "above" overlap', '"120" in "chart" and "150" overlap', '"turned" in "chart" and "struck" overlap',
                  '"name of an axis" in "chart" is cut by', '"hidden beyond" is cut by', '"lear..." in "chart" is shortened',
                  '"pale" in "chart" has a contrast of 3.5', '"on a bar" in "chart" has a contrast of 1.']:
        assert any(line.startswith(fault) for line in found), f"{fault} is not seen: {found}"
    assert len(found) == 8
    assert any("faint" in line for line in contrasts(window, "body", script))
    assert wider(window) == ["the page is 700 px wide, in a window of 420 px"]


FAULTY = """<!DOCTYPE html><html lang="en"><title>faulty</title><style>body { margin: 0; font: 16px sans-serif; background: #fff; color: #000; }
svg { display: block; font: 12px sans-serif; } p { margin: 0; }</style>
<div id="right"><p>A page that can be read.</p><svg width="400" height="60" role="img" aria-label="right"><text x="5" y="20">120</text><text x="40" y="20">150</text>
<rect x="100" width="80" height="40" fill="#000"/><text x="110" y="20" fill="#fff">on a bar</text><text transform="translate(250 50) rotate(-45)">turned</text>
<text transform="translate(270 50) rotate(-45)">beside it</text></svg></div>
<div style="position: relative; height: 30px">beneath<span style="position: absolute; left: 20px">above</span></div>
<p style="color: #999">faint</p>
<p style="width: 50px; overflow: hidden; white-space: nowrap">hidden beyond</p>
<div style="width: 700px; height: 1px"></div>
<svg width="400" height="200" role="img" aria-label="chart"><text x="5" y="20">120</text><text x="26" y="20">150</text>
<text transform="translate(150 60) rotate(-45)">turned</text><text x="160" y="45">struck</text><text x="340" y="100">name of an axis</text>
<text x="5" y="100">lear...</text><text x="5" y="130" fill="#888">pale</text><rect x="100" y="120" width="80" height="30" fill="#222"/><text x="110" y="140">on a bar</text></svg></html>"""
