"""The notebooks in JupyterLab: they run from their beginning, and their charts are drawn and move."""
import pytest

from charts import assert_drawn, colours, drag_slider, marks, places, saved_charts
from jupyter import Notebook, saved_cells, wait_for, without_outputs

WIDTHS = 1400, 800  # pixels of the window: a screen, and half a screen


@pytest.mark.parametrize("name", ["01_replay", "03_bptt"])
def test_runs_and_draws(page, lab, shoot, name):
    notebook = Notebook(page, lab, without_outputs(lab, f"{name}.ipynb"))
    notebook.run_all()
    saved = saved_cells(f"{name}.ipynb")
    charts = {number: saved_charts(saved[number]) for number in notebook.code()}
    assert sum(charts.values()) > 2
    for number, count in charts.items():
        cell = notebook.cell(number)
        assert notebook.ran(cell) and not notebook.errors()
        assert_drawn(cell, count)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for number, count in charts.items():
            cell = notebook.cell(number)
            assert_drawn(cell, count)
            for i, place in enumerate(places(cell).all()):
                place.scroll_into_view_if_needed()
                shoot(place, f"{name}-cell{number}-chart{i}-{width}")
        shoot(page, f"{name}-{width}")


def test_slider_moves_the_chart(page, lab, shoot):
    notebook = Notebook(page, lab, "02_plasticity.ipynb")
    [number] = [i for i in notebook.code() if 'Title: "M after each step' in notebook.source(i)]
    place = places(notebook.cell(number)).first
    wait_for("the chart", lambda: marks(place))
    last = colours(place)
    drag_slider(page, place)
    wait_for("the first step", lambda: colours(place) != last)
    shoot(place, "slider")
