"""Measures what one student of a class needs: a JupyterLab server of their own, and a kernel that runs notebooks.

usage: footprint.py NOTEBOOK...

Prints, for the idle server and for each notebook, the largest memory that all processes together held (proportional set
size, so that pages which they share count once) and the processor time they took, compilers included.
"""
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


def serve(folder):
    """Starts a JupyterLab server, waits until it is idle, and ends it."""
    server = subprocess.Popen(["jupyter", "lab", "--no-browser", "--port=0", "--allow-root", "--ServerApp.open_browser=False"],
                              cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(15)
    alive = server.poll() is None
    server.terminate()
    server.wait()
    return [] if alive else ["the server ended"]


def main():
    failed = 0
    with tempfile.TemporaryDirectory(prefix="engram-footprint-") as folder:
        failed += measure("JupyterLab's server, idle", lambda: serve(folder))
    for path in sys.argv[1:]:
        notebook = nbformat.read(path, as_version=4)
        with tempfile.TemporaryDirectory(prefix="engram-footprint-") as folder:
            failed += measure(path, lambda: execute(notebook, fresh_copy(folder)))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
