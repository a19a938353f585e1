"""What a cell prints reaches the page and its notebook up to a limit; what comes after it, an error too, is seen."""
from jupyter import Notebook, wait_for
from test_guard import code, put

FLOOD = """%%
for i := range 40_000 {
	fmt.Println(i, strings.Repeat("x", 64))
}
panic("the end of the flood")"""


def test_a_flood_is_cut(page, lab):
    notebook = Notebook(page, lab, put(lab, "flood.ipynb", code(FLOOD), code('%%\nfmt.Println("as usual")')))
    notebook.run_to_end(0)
    shown = notebook.cell(0).locator(".jp-OutputArea").text_content()
    assert shown.startswith("0 xxxx") and len(shown) < 1_100_000
    assert "output cut after 1,000,000 bytes" in shown
    assert shown.count("output cut after") == 1
    assert "the end of the flood" in shown or notebook.errors(), "an error is not cut"
    notebook.run_to_end(1)
    assert notebook.cell(1).locator(".jp-OutputArea").text_content().strip() == "as usual"
    page.keyboard.press("Control+s")
    wait_for("the notebook to be saved", lambda: "as usual" in notebook.path.read_text())
    assert notebook.path.stat().st_size < 1_300_000
