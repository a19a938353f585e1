"""The notebooks in JupyterLab: they run from their beginning, and their charts are drawn and move."""
import json
import re
import shutil

import pytest

from charts import assert_drawn, boxes, colours, marks, places, save_by_keys, saved_charts, to_first_frame
from jupyter import SHORT, Notebook, saved_cells, wait_for, without_outputs
from outputs import answers

WIDTHS = 1400, 800  # pixels of the window: a screen, and half a screen


@pytest.mark.parametrize("name", ["01_replay", "03_bptt", "04_training"])
def test_runs_and_draws(page, lab, shoot, name):
    notebook = Notebook(page, lab, without_outputs(lab, f"{name}.ipynb"))
    notebook.run_all()
    saved = saved_cells(f"{name}.ipynb")
    charts = {number: saved_charts(saved[number]) for number in notebook.code() if not answers(saved[number])}
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


def test_slider_moves_the_chart_and_its_picture_is_saved(page, lab, shoot):
    notebook = Notebook(page, lab, "02_plasticity.ipynb")
    [number] = [i for i in notebook.code() if 'Title: "M after each step' in notebook.source(i)]
    place = places(notebook.cell(number)).first
    wait_for("the chart", lambda: marks(place))
    last = wait_for("the last step", lambda: colours(place))
    to_first_frame(place)
    wait_for("another step", lambda: colours(place) not in ([], last))
    shoot(place, "slider")
    assert save_by_keys(page, place, "Shift+Tab"), "an empty picture"  # back from the slider


def test_a_long_legend_leaves_its_chart_room(page, lab, shoot):
    page.set_viewport_size({"width": 700, "height": 900})
    notebook = Notebook(page, lab, "04_training.ipynb")
    [number] = [i for i in notebook.code() if 'first.Title = "A go trial' in notebook.source(i)]
    place = places(notebook.cell(number)).first
    wait_for("a legend of two rows, above the axis", lambda: two_rows(boxes(place)))
    shoot(place, "legend")


def two_rows(box):
    """Whether the first and the last entry of the legend stand in rows of their own, and the last above the axis."""
    if not {"action", "Q(go)", "stimulus"} <= box.keys():
        return False
    return box["Q(go)"]["top"] > box["action"]["top"] and box["Q(go)"]["bottom"] <= box["stimulus"]["top"]


def test_charts_follow_the_theme(page, lab):
    notebook = Notebook(page, lab, "02_plasticity.ipynb")
    [number] = [i for i in notebook.code() if 'Title: "M after each step' in notebook.source(i)]
    place = places(notebook.cell(number)).first
    wait_for("the chart", lambda: marks(place))
    light = place.locator("svg text").first.get_attribute("fill")
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")  # as JupyterLab does for a dark theme
    wait_for("other colours", lambda: place.locator("svg text").first.get_attribute("fill") != light)


def test_training_is_watched_stopped_and_gone_on_with(page, lab, shoot):
    """Cells of 04, run one by one, with the stop button pressed in the middle of training."""
    shutil.rmtree(lab.notebooks.parent / "runs" / "04_gonogo", ignore_errors=True)
    notebook = Notebook(page, lab, without_outputs(lab, "04_training.ipynb"))
    [training] = [i for i in notebook.code() if 'train.Run(dir' in notebook.source(i)]
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
    created = json.loads((run / "run.json").read_text())["created"]
    shoot(page, "04_training-stopped")

    notebook.run_to_end(training)
    assert "800 updates on" in cell.text_content() and not notebook.errors()
    updates = [json.loads(line)["update"] for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert updates == list(range(50, 801, 50)), "it lived updates again, or left some out"
    assert json.loads((run / "run.json").read_text())["created"] == created, "it began anew"
    assert_drawn(cell, 1)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert_drawn(notebook.cell(training), 1)
        shoot(page, f"04_training-gone-on-{width}")


def test_sweep_is_watched_stopped_and_gone_on_with(page, lab, shoot):
    """The sweep of 07, stopped once trials have reported, and gone on with to its end."""
    study = lab.notebooks.parent / "runs" / "07_sweep"
    shutil.rmtree(study, ignore_errors=True)
    notebook = Notebook(page, lab, without_outputs(lab, "07_sweep.ipynb", SHORT))
    [sweeping] = [i for i in notebook.code() if "train.Sweep(dir" in notebook.source(i)]
    for number in [i for i in notebook.code() if i < sweeping]:
        notebook.run_to_end(number)
    cell = notebook.cell(sweeping)
    notebook.run(sweeping)
    wait_for("pruned trials in the table", lambda: cell.locator("td", has_text="pruned").count())
    wait_for("curves", lambda: any(marks(place) for place in places(cell).all()))
    page.locator('[data-command="notebook:interrupt-kernel"]').first.click()
    wait_for("the stop", lambda: notebook.ran(cell))
    said = cell.locator(".jp-OutputArea").first
    assert "stopped - run the cell again" in said.text_content() and "interrupted" in said.text_content() and not notebook.errors()
    shoot(page, "07_sweep-stopped")
    settled = {path: path.stat().st_mtime_ns for path in study.glob("attempts/*-1.jsonl") if '"state":"pruned"' in path.read_text()}

    notebook.run_to_end(sweeping)
    assert "40 of 40 trials" in said.text_content() and "stopped -" not in said.text_content() and not notebook.errors()
    assert settled and {path: path.stat().st_mtime_ns for path in settled} == settled, "what was settled was written again"
    assert not any(path.with_name(path.name.replace("-1.", "-2.")).exists() for path in settled), "what was settled ran again"
    assert_drawn(cell, 4)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for i, place in enumerate(places(notebook.cell(sweeping)).all()):
            place.scroll_into_view_if_needed()
            shoot(place, f"07_sweep-chart{i}-{width}")
        shoot(page, f"07_sweep-{width}")


def watch_curves(cell):
    """Waits until a live chart has been seen in three states."""
    states = set()

    def moved():
        for place in places(cell).all():
            states.add(place.evaluate("p => [...p.querySelectorAll('svg path')].map(s => s.getAttribute('d')).join()"))
        return len(states - {""}) >= 3

    wait_for("the curves to move", moved)
