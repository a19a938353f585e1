"""Measures what the classroom's page costs in Chromium: until it can be used, and until an agent has learned a task.

Processor time counts all of Chromium's processes, so that it says something on a busy machine, too. A task of the main
thread is what holds up a frame; the longest is given in the processor time of that thread.

usage: classroom_cost.py build/classroom/index.html [TASK ...]       (GoNogo; CHROMIUM names another browser)
Each task, or each time that it is named, has a browser of its own.
"""
import json
import os
import pathlib
import shutil
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


def main_thread(trace):
    """Returns the processor times, in ms, of the tasks of a page's main thread, from Chromium's trace."""
    events = json.loads(trace)["traceEvents"]
    main = {(e["pid"], e["tid"]) for e in events if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"}
    return sorted(e.get("tdur", 0) / 1000 for e in events if e["name"] == "RunTask" and (e["pid"], e["tid"]) in main)


def watched(browser, page, what, do):
    """Prints what doing it took, and how the page answered meanwhile."""
    browser.start_tracing(page=page, categories=["toplevel", "disabled-by-default-devtools.timeline"])
    page.wait_for_timeout(500)  # starting and ending a trace hold up frames themselves
    page.evaluate(FRAMES)
    measured(what, do)
    frames = sorted(page.evaluate("frames_"))
    took = main_thread(browser.stop_tracing())
    print(f"  frames: median {frames[len(frames) // 2]:.1f} ms, 99 % below {frames[int(0.99 * len(frames))]:.1f} ms, "
          f"longest {frames[-1]:.1f} ms; main thread: the longest of {len(took)} tasks has {took[-1]:.1f} ms of processor, "
          f"99 % below {took[int(0.99 * len(took))]:.1f} ms")


def chromium():
    """Returns the browser's path, as scripts/browser.sh finds it."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        if name and shutil.which(name):
            return shutil.which(name)
    sys.exit("classroom_cost.py: Chromium is missing: install it, or name its path in CHROMIUM")


def learned(browser, address, task):
    """Opens the page anew and trains an agent in it until it has learned the task."""
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
    page.locator("section#train select[name=task]").select_option(task)
    page.wait_for_function(f"(window.classroom.answers.train || {{data: {{}}}}).data.task === '{task}'")
    page.wait_for_timeout(1000)  # until its first charts are drawn
    watched(browser, page, f"until {task} is solved", solved)
    print(" ", page.locator("section#train [data-text=train]").inner_text())


def trained(browser, address, step, seconds=8):
    """Opens a step of the lesson and lets its agents train for so long."""
    page = browser.new_page()
    page.goto(f"{address}#{step}")
    page.wait_for_function("document.body.dataset.ready === 'yes'")
    page.wait_for_timeout(2000)  # until its first charts are drawn
    button = page.locator(f"section#{step} button.strong[data-run]")

    def train():
        button.click()
        page.wait_for_timeout(1000 * seconds)
        button.click()

    watched(browser, page, f"{seconds} s of step '{step}'", train)


def main(page_file, *tasks):
    """Has each of the tasks learned, and the other steps that train tried, in a browser of their own each."""
    address = pathlib.Path(page_file).resolve().as_uri()
    with sync_playwright() as playwright:
        jobs = [(learned, task) for task in tasks or ["GoNogo"]] + [(trained, "break"), (trained, "sweep")]
        for measure, of in jobs:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--disable-gpu", "--no-sandbox"])
            measure(browser, address, of)
            browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
