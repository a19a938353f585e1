"""Measures how long each cell of notebooks takes, run in order, as for a reader who runs them again.

usage: cell_times.py NOTEBOOK...

Each notebook runs twice, in fresh copies, and the second time counts: the first compiles the packages. Prints the seconds
until the kernel is idle, the processor time of compiler, linker and cell, which shows what they would be on an idle machine,
and which cells train. Fails where a cell that trains nothing takes more than a second of both.
"""
import re
import sys
import tempfile
import time

import nbformat
from jupyter_client.manager import start_new_kernel

from bench_cells import processor_seconds
from notebooks import PATIENCE, fresh_copy, kernel
from outputs import run_part

TRAINS = re.compile(r"\b([tT]rain|(sweep|live)\.Run\w*)\(|\bengram\(")
PROMISED = 1.0  # seconds, of a cell that trains nothing


def code_cells(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def trains(source):
    return bool(TRAINS.search(run_part(source) or source))


def times(notebook):
    """Returns the seconds and the processor seconds of each code cell, in order."""
    with tempfile.TemporaryDirectory(prefix="engram-times-") as folder:
        manager, client = start_new_kernel(kernel_name=kernel(notebook), cwd=str(fresh_copy(folder)))
        try:
            return [time_cell(manager, client, source) for source in code_cells(notebook)]
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def time_cell(manager, client, source):
    start, before = time.monotonic(), processor_seconds(manager.provisioner.pid)
    reply = client.execute_interactive(source, timeout=PATIENCE, output_hook=lambda message: None)
    took = time.monotonic() - start, processor_seconds(manager.provisioner.pid) - before
    if reply["content"]["status"] != "ok":
        raise SystemExit(f"cell_times: a cell failed:\n{source}\n{reply['content']}")
    return took


def main():
    late = 0
    for path in sys.argv[1:]:
        notebook = nbformat.read(path, as_version=4)
        times(notebook)
        print(f"{path}\n{'cell':>6} {'seconds':>8} {'processor':>9}")
        for number, (source, (wall, processor)) in enumerate(zip(code_cells(notebook), times(notebook)), 1):
            over = min(wall, processor) > PROMISED and not trains(source)
            late += over
            first = next((line for line in source.splitlines() if line.strip("%").strip()), "")
            print(f"{number:6} {wall:8.2f} {processor:9.2f}  {'trains' if trains(source) else 'LATE' if over else '':6}  {first[:70]}", flush=True)
    print(f"cells that train nothing and take more than {PROMISED:.0f} s: {late}")
    return late > 0


if __name__ == "__main__":
    sys.exit(main())
