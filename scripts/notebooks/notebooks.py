"""Executes notebooks from their beginning, each with a fresh kernel (Go's or Python's, as the notebook says), in a fresh copy
of the folder, two at a time.

usage: notebooks.py [--check] NOTEBOOK...

Writes the outputs into the notebooks, except those of cells that compute the answers of exercises; with --check changes
nothing and fails where the structure of the outputs differs from the saved ones. A cell fails by an error, by writing to
stderr, and by a chart without data or static picture, or an empty picture.
"""
import concurrent.futures
import pathlib
import shutil
import sys
import tempfile
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from outputs import answers, faults, says, structure, tidy

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 600  # seconds that a cell may take
NEUROGYM = ".venv-neurogym"  # made by make neurogym-env; 5.7 GB, so that CI does without


def fresh_copy(folder):
    """Copies the notebooks and links to results/ and NeuroGym into an empty folder; returns the notebooks' folder."""
    notebooks = pathlib.Path(folder) / "notebooks"
    notebooks.mkdir(parents=True)
    for path in (REPOSITORY / "notebooks").glob("*.ipynb"):
        shutil.copy(path, notebooks)
    for beside in ("results", NEUROGYM):
        if (REPOSITORY / beside).exists():
            (notebooks.parent / beside).symlink_to(REPOSITORY / beside)
    return notebooks


def kernel(notebook):
    """Returns the name of the kernel that a notebook asks for."""
    return notebook.metadata.kernelspec.name


def execute(notebook, folder):
    """Runs all cells, with folder as their directory; returns why that stopped, except for a cell's error."""
    client = NotebookClient(notebook, kernel_name=kernel(notebook), timeout=PATIENCE, record_timing=False, resources={"metadata": {"path": folder}})
    try:
        client.execute()
    except CellExecutionError:
        pass  # the cell has the error among its outputs
    except (CellTimeoutError, DeadKernelError) as error:
        return [str(error)]
    return []


def run(path, check):
    """Executes one notebook; returns its faults and the seconds it took."""
    start = time.monotonic()
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    saved = [structure(cell) for cell in code]
    with tempfile.TemporaryDirectory(prefix="engram-notebook-") as folder:
        found = execute(notebook, fresh_copy(folder))
    for number, cell in enumerate(code, 1):
        if "neurogym" in cell.metadata.get("tags", ()) and not (REPOSITORY / NEUROGYM).exists():
            if not check or not says(cell, "make neurogym-env"):
                found.append(f"cell {number}: needs NeuroGym, or has to say how it is installed: run 'make neurogym-env'")
            continue
        found += [f"cell {number}: {fault}" for fault in faults(cell)]
        tidy(cell)
        if answers(cell):
            cell.outputs, cell.execution_count = [], None
        elif check and structure(cell) != saved[number - 1]:
            found.append(f"cell {number}: put out {structure(cell)}, saved is {saved[number - 1]}: run 'make notebooks'")
    if not check and not found:
        nbformat.write(notebook, path)
    return found, time.monotonic() - start


def main():
    arguments = sys.argv[1:]
    check = arguments[:1] == ["--check"]
    paths = arguments[check:]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as kernels:
        for path, (found, seconds) in zip(paths, kernels.map(lambda path: run(path, check), paths)):
            failed += bool(found)
            print(f"{path}: {'FAILED' if found else 'ok'} in {seconds:.1f} s", *found, sep="\n    ", flush=True)
    print(f"notebooks: {len(paths) - failed} passed, {failed} failed")
    return failed > 0 or not paths


if __name__ == "__main__":
    sys.exit(main())
