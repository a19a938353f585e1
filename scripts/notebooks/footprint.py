"""Measures what students of a class need: each a JupyterLab server of their own, and a kernel that runs notebooks.

usage: footprint.py [--students N] NOTEBOOK...

Prints, for the idle server and for each notebook, the largest memory that all processes together held (proportional set
size, so that pages which they share count once) and the processor time they took, compilers included. With --students,
N of them have a server each and run each notebook at once.
"""
import argparse
import concurrent.futures
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

import nbformat

from notebooks import execute, fresh_copy

PAUSE = 0.2  # seconds between two measurements


def family(pid):
    """Returns pid and all its descendants."""
    found, waiting = [], [pid]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                waiting += [int(child) for child in task.read_text().split()]
            except OSError:
                pass  # it ended meanwhile
    return found


def held(pid):
    """Returns the bytes that a process holds in memory; pages that others share count by their part."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as lines:
            return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    except OSError:
        return 0


class Peak(threading.Thread):
    """Follows the memory of this process's descendants until it is stopped."""

    def __init__(self):
        super().__init__(daemon=True)
        self.bytes, self.ended = 0, threading.Event()

    def run(self):
        while not self.ended.wait(PAUSE):
            self.bytes = max(self.bytes, sum(held(pid) for pid in family(os.getpid())[1:]))

    def stop(self):
        self.ended.set()
        self.join()
        return self.bytes


def processor_seconds():
    """Returns the processor time of this process and of all descendants that have ended."""
    spent = os.times()
    return sum(spent[:4])


def measure(what, job):
    peak, before = Peak(), processor_seconds()
    peak.start()
    failed = job()
    print(f"{what}: {peak.stop() / 1e6:.0f} MB at most, {processor_seconds() - before:.0f} s of processor", *failed, flush=True)
    return bool(failed)


@contextlib.contextmanager
def server(folder):
    """A JupyterLab server that has started."""
    process = subprocess.Popen([sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "--allow-root", "--ServerApp.open_browser=False"],
                               cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        if not any("is running at" in line for line in process.stderr):
            raise SystemExit("footprint: JupyterLab's server ended at its start: run 'make lab' to see why")
        yield process
    finally:
        process.terminate()
        process.communicate()


def idle():
    """Starts a server, and ends it after a while."""
    with tempfile.TemporaryDirectory(prefix="engram-footprint-") as folder, server(folder):
        time.sleep(10)
    return []


def student(path):
    """Runs a notebook in a kernel; returns what was wrong."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory(prefix="engram-footprint-") as folder:
        wrong = execute(notebook, fresh_copy(folder))
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return wrong + [output.evalue for output in outputs if output.output_type == "error"]


def class_of(count, path):
    """Runs a notebook in a kernel for each of so many students with a server each, at once; returns what was wrong."""
    def with_server(_):
        with tempfile.TemporaryDirectory(prefix="engram-footprint-") as folder, server(folder):
            return student(path)

    with concurrent.futures.ThreadPoolExecutor(count) as students:
        return sum(students.map(with_server, range(count)), [])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--students", type=int, default=0)
    parser.add_argument("notebooks", nargs="+")
    arguments = parser.parse_args()
    if arguments.students:
        return any([measure(f"{path}, {arguments.students} at once", lambda: class_of(arguments.students, path))
                    for path in arguments.notebooks])
    failed = measure("JupyterLab's server, idle", idle)
    return any([failed] + [measure(path, lambda: student(path)) for path in arguments.notebooks])


if __name__ == "__main__":
    sys.exit(main())
