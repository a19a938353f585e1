"""Executes notebooks from their beginning, each in a fresh kernel, and fails where a cell does.

usage: notebooks.py [--check] NOTEBOOK...

Writes the outputs into the notebooks; with --check leaves them and fails where kinds of outputs differ from the
saved ones. A cell fails by an error, by anything it writes to stderr, and where it shows a chart and no picture comes out.
"""
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError


def kinds(cell):
    """What a cell puts out, without the contents: two runs may differ in those."""
    return [output.get("name") or " and ".join(sorted(output.get("data", {}))) or output.output_type for output in cell.outputs]


def faults(cell):
    """What is wrong with an executed cell, as lines of text."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    yield from (f"error: {error.evalue}" for error in errors)
    stderr = "".join(output.text for output in cell.outputs if output.get("name") == "stderr")
    if stderr:
        yield f"stderr: {stderr}"
    shown = "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)
    charts = sum(cell.source.count(call) for call in ("notebook.Show(", "notebook.NewLive(", "live.NewWatch("))
    if not errors and charts > shown.count("data:image/svg+xml;base64,"):
        yield "a chart is missing"


def tidy(cell):
    """Joins the pieces of stdout in front of the rest: text and pictures come on two ways, in an order that varies."""
    text = "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
    rest = [output for output in cell.outputs if output.get("name") != "stdout"]
    cell.outputs = ([nbformat.v4.new_output("stream", name="stdout", text=text)] if text else []) + rest


def run(path, check):
    """Executes one notebook; returns its faults."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    saved = [kinds(cell) for cell in code]
    client = NotebookClient(notebook, kernel_name="gonb", timeout=120, record_timing=False, resources={"metadata": {"path": "notebooks"}})
    found = []
    try:
        client.execute()
    except CellExecutionError:
        pass  # the cell has the error among its outputs
    except (CellTimeoutError, DeadKernelError) as error:
        found.append(str(error))
    for number, cell in enumerate(code, 1):
        found += [f"cell {number}: {fault}" for fault in faults(cell)]
        tidy(cell)
        if check and kinds(cell) != saved[number - 1]:
            found.append(f"cell {number}: put out {kinds(cell)}, saved is {saved[number - 1]}: run 'make notebooks'")
    if not check and not found:
        nbformat.write(notebook, path)
    return found


def main():
    arguments = sys.argv[1:]
    check = arguments[:1] == ["--check"]
    paths = arguments[check:]
    failed = 0
    for path in paths:
        start = time.monotonic()
        found = run(path, check)
        failed += bool(found)
        print(f"{path}: {'FAILED' if found else 'ok'} in {time.monotonic() - start:.1f} s", *found, sep="\n    ", flush=True)
    print(f"notebooks: {len(paths) - failed} passed, {failed} failed")
    return failed > 0 or not paths


if __name__ == "__main__":
    sys.exit(main())
