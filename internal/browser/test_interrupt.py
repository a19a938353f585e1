"""Stopping a cell without a browser: the kernel is interrupted as Jupyter's clients do it."""
import asyncio
import threading
import time

import nbformat
import pytest
from nbclient import NotebookClient

from jupyter import PATIENCE, SHORT, wait_for
from notebooks import fresh_copy


def text(cell):
    """All that a cell put out."""
    return "".join("".join(output.get("data", {}).get("text/html", output.get("text", ""))) for output in cell["outputs"])


class Interrupter(threading.Thread):
    """Interrupts the kernel once something holds, and notes when."""

    def __init__(self, client, holds):
        super().__init__()
        self.client, self.holds, self.at = client, holds, None

    def run(self):
        wait_for("the moment to interrupt", self.holds)
        self.at = time.monotonic()
        asyncio.run(self.client.km.interrupt_kernel())


@pytest.mark.parametrize("name, call, going, stopped, finished", [
    ("04_training.ipynb", 'train.Run(dir', lambda runs: any(path.read_text().count("\n") > 4 for path in runs.glob("04_gonogo/metrics.jsonl")),
     "stopped after update", "800 updates on"),
    ("07_sweep.ipynb", "train.Sweep(dir", lambda runs: any("pruned" in path.read_text() for path in runs.glob("07_sweep/attempts/*.jsonl")),
     "stopped - run the cell again to go on", "40 of 40 trials"),
])
def test_cell_is_interrupted_and_gone_on_with(tmp_path, name, call, going, stopped, finished):
    """The cell says that it was stopped, soon and without an error; run again it continues to the end."""
    notebooks = fresh_copy(tmp_path)
    notebook = nbformat.reads((notebooks / name).read_text().replace(*SHORT), as_version=4)
    client = NotebookClient(notebook, kernel_name="gonb", timeout=PATIENCE, resources={"metadata": {"path": notebooks}})
    with client.setup_kernel():
        for number, cell in enumerate(notebook.cells):
            if cell.cell_type == "code" and call in cell.source:
                break
            client.execute_cell(cell, number)
        interrupter = Interrupter(client, lambda: going(tmp_path / "runs"))
        interrupter.start()
        client.execute_cell(cell, number)
        ended = time.monotonic()
        interrupter.join()
        assert interrupter.at, "the cell ended before it was interrupted"
        print(f"{name}: ended {ended - interrupter.at:.1f} s after the interrupt")
        assert stopped in text(cell) and finished not in text(cell)
        client.execute_cell(cell, number)
        assert finished in text(cell) and stopped not in text(cell)
