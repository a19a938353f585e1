"""The notebooks in JupyterLab: they run from their beginning, and their charts are drawn and move."""
import json
import re
import shutil

import pytest

from charts import assert_drawn, colours, drag_slider, marks, places, saved_charts
from jupyter import Notebook, saved_cells, wait_for, without_outputs

WIDTHS = 1400, 800  # pixels of the window: a screen, and half a screen


@pytest.mark.parametrize("name", ["01_replay", "03_bptt", "04_training"])
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


def test_training_is_watched_stopped_and_gone_on_with(page, lab, shoot):
    """Cells of 04, run one by one, with the stop button pressed in the middle of training."""
    shutil.rmtree(lab.notebooks.parent / "runs" / "04_gonogo", ignore_errors=True)
    notebook = Notebook(page, lab, without_outputs(lab, "04_training.ipynb"))
    [training] = [i for i in notebook.code() if notebook.source(i).endswith("sitting(0)")]
    for number in [i for i in notebook.code() if i < training]:
        notebook.run_to_end(number)
    cell = notebook.cell(training)
    notebook.run(training)
    watch_curves(cell)
    page.locator('[data-command="notebook:interrupt-kernel"]').first.click()
    wait_for("the stop", lambda: notebook.ran(cell))
    stopped = re.search(r"stopped after update (\d+) ", cell.text_content())
    assert stopped and 200 < int(stopped[1]) < 800 and not notebook.errors()
    run = lab.notebooks.parent / "runs" / "04_gonogo"
    assert (run / "checkpoints" / stopped[1]).is_dir()
    shoot(page, "04_training-stopped")

    notebook.run_to_end(training)
    assert "800 updates on" in cell.text_content() and not notebook.errors()
    updates = [json.loads(line)["update"] for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert updates == list(range(50, 801, 50)), "it began anew, or left something out"
    assert_drawn(cell, 1)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert_drawn(notebook.cell(training), 1)
        shoot(page, f"04_training-gone-on-{width}")


def watch_curves(cell):
    """Waits until a live chart has been seen in three states."""
    states = set()

    def moved():
        for place in places(cell).all():
            states.add(place.evaluate("p => [...p.querySelectorAll('svg path')].map(s => s.getAttribute('d')).join()"))
        return len(states - {""}) >= 3

    wait_for("the curves to move", moved)
