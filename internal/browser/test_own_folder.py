"""A person's own work: five jobs on a task of one's own, in a folder that `engram new` made and `engram lab` opened."""
import json
import re
import subprocess

import pytest

from charts import assert_drawn, boxes, places, to_first_frame
from conftest import clean_page
from jupyter import REPOSITORY, Lab, Notebook, wait_for
from test_notebooks import watch_curves

SECOND = """%%
train.Run("runs/gru", nb.Config("Recall", "cell=gru", "hidden=20", "updates=200", "eval_every=50"))"""
SWEEP = """import (
	"engram/sweep"
	"engram/sweep/search"
)

%%
train.Sweep("runs/sweep", sweep.Study{Trials: 6,
	Goal:  nb.Goal("Recall", "hidden=16", "updates=60", "eval_every=60", "eval_trials=100", "learn_after=300"),
	Space: search.Space{search.Log("learning_rate", 1e-4, 1e-1), search.Float("eta", -1, 1)}})"""


@pytest.fixture
def own(tmp_path):
    folder = tmp_path / "Eigene Mappe ü"
    subprocess.run([REPOSITORY / "bin" / "engram", "new", folder], check=True, capture_output=True)
    lab = Lab(folder, own=True)
    yield lab
    lab.stop()


def test_five_jobs_in_an_own_folder(chromium, own, shoot):
    before = subprocess.check_output(["git", "status", "--porcelain"], cwd=REPOSITORY)
    with clean_page(chromium, own) as page:
        notebook = Notebook(page, own, "recall.ipynb", path="")
        first, training, evaluating, over = notebook.code()
        notebook.run_to_end(first)
        assert "Recall shows [fixation red green]" in notebook.cell(first).text_content()

        notebook.run(training)  # 1: train, and 2: its curve, live
        cell = notebook.cell(training)
        watch_curves(cell)
        wait_for("training to end", lambda: notebook.ran(cell) and notebook.status() == "idle")
        assert "400 updates on" in cell.text_content()
        result = json.loads((own.notebooks / "runs" / "recall" / "run.json").read_text())["result"]
        assert result["task"] == "Recall" and result["accuracy"] > 0.9, "the own task is not learned"
        curve = notebook.add('%%\nnb.Curve("runs/recall")')
        notebook.run_to_end(curve)
        assert_drawn(notebook.cell(curve), 3)

        notebook.run_to_end(evaluating)
        assert re.search(r"Recall: .* % correct", notebook.cell(evaluating).text_content())

        notebook.run_to_end(notebook.add(SECOND))  # 3: compare two
        compare = notebook.add('%%\nnb.Compare("runs/recall", "runs/gru")')
        notebook.run_to_end(compare)
        assert_drawn(notebook.cell(compare), 1)
        table = notebook.cell(compare).locator("table")
        assert [row for row in ("recall", "gru") if table.locator("td", has_text=row).count()] == ["recall", "gru"]
        sort(table)

        notebook.run_to_end(over)  # 4: evaluate over delays
        assert_drawn(notebook.cell(over), 1)
        assert notebook.cell(over).locator("tbody tr").count() == 5

        sweep = notebook.add(SWEEP)  # 5: sweep
        notebook.run_to_end(sweep)
        assert "6 of 6 trials" in notebook.cell(sweep).text_content()
        assert len(list((own.notebooks / "runs" / "sweep" / "attempts").glob("*-1.jsonl"))) == 6
        assert not notebook.errors()

        explore = notebook.add('%%\nnb.Explore("runs/recall", "lambda", 0, 0.5, 0.99)')  # sliders by the keyboard
        notebook.run_to_end(explore)
        place = places(notebook.cell(explore)).first
        assert to_first_frame(place) == "0"
        place.scroll_into_view_if_needed()
        shoot(page, "own-folder")
    assert subprocess.check_output(["git", "status", "--porcelain"], cwd=REPOSITORY) == before, "the clone was changed"
    assert (own.notebooks / "notebooks" / "index.ipynb").exists()


def sort(table):
    """Sorts a table by its first column and back, with keys alone."""
    head, first = table.locator("thead th").first, lambda: table.locator("tbody td").first.text_content()
    head.locator("button").focus()
    seen = []
    for want in "ascending", "descending":
        head.locator("button").press("Enter")
        assert head.get_attribute("aria-sort") == want
        seen.append(first())
    assert seen == ["gru", "recall"]
