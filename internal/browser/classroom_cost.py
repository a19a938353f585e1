"""Measures what the classroom's page costs in Chromium: until it can be used, and until an agent has learned GoNogo.

Processor time counts all of Chromium's processes, so that it says something on a busy machine, too.

usage: CHROMIUM=/usr/bin/chromium classroom_cost.py build/classroom/index.html
"""
import os
import pathlib
import sys
import time

from playwright.sync_api import sync_playwright

FRAMES = """() => { window.frames_ = []; let last = performance.now(); const next = () => { const now = performance.now();
  frames_.push(now - last); last = now; requestAnimationFrame(next); }; requestAnimationFrame(next); }"""


def processor():
    """Returns the processor time, in seconds, of this process's descendants that live."""
    stats = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        stats[int(path.parent.name)] = int(fields[1]), int(fields[11]) + int(fields[12])
    family, ticks = {os.getpid()}, 0
    for _ in range(10):  # generations
        family |= {pid for pid, (parent, _) in stats.items() if parent in family}
    ticks = sum(used for pid, (_, used) in stats.items() if pid in family - {os.getpid()})
    return ticks / os.sysconf("SC_CLK_TCK")


def measured(what, do):
    """Prints what doing it took."""
    used, began = processor(), time.monotonic()
    do()
    print(f"{what}: {processor() - used:.1f} s of processor, {time.monotonic() - began:.1f} s")


def main(page_file):
    """Opens the page and trains in it."""
    address = pathlib.Path(page_file).resolve().as_uri()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--disable-gpu", "--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(600_000)

        def ready():
            page.goto(address)
            page.wait_for_function("document.body.dataset.ready === 'yes'")

        def solved():
            page.locator("section#train button.strong").click()
            page.wait_for_function("window.classroom.answers.train.data.solved")

        measured("until it can be used", ready)
        page.goto(address + "#train")
        page.wait_for_function("window.classroom.answers.train")
        page.evaluate(FRAMES)
        measured("until GoNogo is solved", solved)
        print(page.evaluate("frames_.sort((a, b) => a - b) && `frames: median ${frames_[frames_.length >> 1].toFixed(1)} ms, "
                            "99 % below ${frames_[Math.floor(0.99 * frames_.length)].toFixed(1)} ms`"))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
