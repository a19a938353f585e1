"""The messages that index.ipynb explains are those that the kernel prints, and the cures that it names cure."""
import re

import nbformat
from nbclient import NotebookClient

from jupyter import PATIENCE, saved_cells

OWN = 'import _ "own/paper/task"\n\n'
# For each message a cell that provokes it, and the cell after the cure.
CELLS = {
    "expected declaration, found fmt": ('fmt.Println("cured 1")', '%%\nfmt.Println("cured 1")'),
    "declared and not used: y": ("%%\ny := 2", '%%\ny := 2\nfmt.Println("cured", y)'),
    "undefined: z": ("%%\nfmt.Println(z)", 'const z = 3\n\n%%\nfmt.Println("cured", z)'),
    "package own/paper/task is not in std": (OWN + '%%\nfmt.Println("never")', None),
    "exit status 1": ('%%\nnb.Eval("runs/none")', None),
}


def explained():
    """The messages of the index's table."""
    [box] = ["".join(cell["source"]) for cell in saved_cells("index.ipynb") if "## When a cell complains" in "".join(cell["source"])]
    return re.findall(r"^\| `(.+?)` \|", box, re.M)


def execute(folder, *sources):
    """Runs cells with one kernel in a folder; returns what each put out as text."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(notebook, kernel_name="gonb", timeout=PATIENCE, allow_errors=True, resources={"metadata": {"path": folder}}).execute()
    return ["".join(output.get("text", "") + "\n".join(output.get("traceback", ())) for output in cell.outputs) for cell in notebook.cells]


def test_messages_and_cures(tmp_path):
    assert explained() == list(CELLS)
    sources = [source for pair in CELLS.values() for source in pair if source]
    said = dict(zip(sources, execute(tmp_path, *sources)))
    for message, (wrong, cured) in CELLS.items():
        assert message in said[wrong], f"{wrong!r} says {said[wrong]!r}"
        assert not cured or said[cured].startswith("cured"), f"{cured!r} says {said[cured]!r}"
    assert "runs/none is not a run directory" in said[CELLS["exit status 1"][0]], "the line above names what is wrong"


def test_a_package_of_ones_own_is_found_in_its_folder(tmp_path):
    """The cure of 'is not in std'."""
    (tmp_path / "go.mod").write_text("module own/paper\n\ngo 1.26\n")
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "task.go").write_text("package task\n")
    [said] = execute(tmp_path, OWN + '%%\nfmt.Println("found")')
    assert said.strip() == "found"
