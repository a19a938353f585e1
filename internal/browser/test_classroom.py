"""The classroom's page: each step as a reader touches it, from a disk, on a telephone, in the dark and by the keyboard."""
import json
import os
import subprocess

import pytest

import axe
from jupyter import PATIENCE, REPOSITORY, wait_for
from looks import contrasts, settle, texts, wider

STEPS = "play", "replay", "plastic", "loss", "train", "wipe", "break", "sweep"
TAGS = "wcag2a", "wcag2aa"
AGENT = {"task": "GoNogo", "learning_rate": 0.003, "seed": 0}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The page as a folder and as one file, in a folder of a name that addresses have to escape."""
    folder = tmp_path_factory.mktemp("classroom") / "mein Ördner #1 100%"
    folder.mkdir()
    subprocess.run([REPOSITORY / "bin" / "engram", "classroom", "--out", folder / "page", "--file", folder / "page.html"],
                   cwd=REPOSITORY, check=True)
    return folder


@pytest.fixture(scope="module")
def opened(chromium, built):
    """Opens the page in a context of its own; nothing may go wrong in it, and nothing may leave it."""
    contexts, complaints, addresses = [], [], []

    def open_page(address, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(1000 * PATIENCE)
        context.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning", "assert") else None)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("request", lambda request: addresses.append(request.url))
        page = context.new_page()
        page.goto(address)
        page.wait_for_function("document.body.dataset.ready === 'yes'")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, "the browser's console has errors"
    outside = {url for url in addresses if not url.startswith((built.as_uri(), "data:", "blob:"))}
    assert addresses and not outside, "requests leave the page"


@pytest.fixture(scope="module")
def page(opened, built):
    """The page opened from the folder on the disk, as from a memory stick."""
    return opened((built / "page" / "index.html").as_uri(), viewport={"width": 1280, "height": 900})


def go(page, step):
    page.locator(f'nav a[href="#{step}"]').click()
    page.locator(f"section#{step}").wait_for()


def data(page, name, holds):
    """The numbers of the newest answer of that name, once they hold."""
    def right():
        answer = page.evaluate(f"JSON.stringify((window.classroom.answers[{json.dumps(name)}] || {{}}).data || null)")
        found = json.loads(answer)
        return found if found and holds(found) else None
    return wait_for(f"an answer of {name}", right)


def stop(page, step):
    """Presses the button of a training that goes on, and waits until it has stopped."""
    button = page.locator(f"section#{step} button[aria-pressed=true]")
    button.click()
    button.wait_for(state="detached")


def drawn(page, chart):
    """Waits for a chart: each has a frame of its own."""
    page.locator(f'[data-chart="{chart}"] .chart svg').wait_for()


def quiet(page):
    """The page says nothing is wrong."""
    assert page.locator("#status").inner_text() == ""


def slide(page, step, name, value):
    slider = page.locator(f'section#{step} input[name="{name}"]')
    slider.fill(str(value))


def test_play_by_the_keyboard(page):
    """Two keys play a trial; it then stands beside the ideal observer."""
    go(page, "play")
    for _ in range(60):
        seen = data(page, "play", lambda d: True)
        if seen["earned"]:
            break
        page.keyboard.press("f")
        data(page, "play", lambda d: (d["step"], len(d["earned"] or [])) != (seen["step"], len(seen["earned"] or [])))
    assert len(seen["earned"]) == len(seen["ideal"]) == 1 and seen["step"] == 0
    assert page.locator('[data-meter="seen"] > div').count() == 3
    drawn(page, "play-trial")
    quiet(page)


def test_replay(page):
    """The ring fills to its capacity; the worked example has 2 padded and 8 valid steps."""
    go(page, "replay")
    worked = data(page, "example", lambda d: True)
    assert (worked["padded"], worked["valid"]) == (2, 8)
    assert "2 padded + 8 valid" in page.locator('[data-text="example"]').inner_text()
    page.locator('section#replay input[name="last"]').press("ArrowLeft")
    assert data(page, "example", lambda d: d["padded"] != 2)["padded"] == 3
    slide(page, "replay", "pushed", 100)
    full = data(page, "ring", lambda d: d["count"] == 100)
    assert full["held"] == 48 and all(w["padded"] + w["valid"] == 10 for w in full["windows"])
    page.get_by_role("button", name="draw other windows").click()
    data(page, "ring", lambda d: d["windows"] != full["windows"])
    quiet(page)


def test_one_cell(page):
    """M keeps the cue, and without eta it keeps nothing."""
    go(page, "plastic")
    kept = data(page, "cell", lambda d: True)
    assert len(kept["memory"]) == 15 and kept["apart"][-1] > 0.1
    slide(page, "plastic", "eta", 0)
    data(page, "cell", lambda d: d["apart"][-1] == 0 and d["size"][-1] == 0)
    frames = page.locator('[data-chart="cell-memory"] input[type="range"]')
    frames.focus()
    frames.press("Home")
    assert frames.get_attribute("aria-valuetext") == "0"
    slide(page, "plastic", "lambda", 0.5)
    wait_for("the chart to keep its frame", lambda: frames.get_attribute("aria-valuetext") == "0")
    for name in ("button", 'input[type="range"]'):  # what has the focus in a chart keeps it where the chart is drawn anew
        here = page.locator(f'[data-chart="cell-memory"] {name}')
        focused = lambda: here.evaluate("(e) => e === document.activeElement")
        wait_for("the focus, of what the last answer has drawn", lambda: here.focus() or focused())
        old = here.element_handle()
        page.locator('section#plastic input[name="eta"]').evaluate(
            "(input) => { input.value = 1 - input.value; input.dispatchEvent(new Event('input', { bubbles: true })); }")
        wait_for("the chart to be drawn anew", lambda: not old.evaluate("(e) => e.isConnected"))
        assert focused(), f"{name} lost the focus"
    quiet(page)


def test_train_step_by_step_pause_and_go_on(page):
    """One update gives the bits that it gives natively; training stops at once, goes on, and solves the task."""
    go(page, "train")
    first = data(page, "train", lambda d: d["update"] == 0)
    page.get_by_role("button", name="one update").click()
    one = data(page, "train", lambda d: d["update"] == 1)
    button = page.locator("section#train button.strong")
    button.click()
    wait_for("the button to offer a pause", lambda: button.inner_text() == "pause")
    data(page, "train", lambda d: d["update"] > 1)
    button.click()
    wait_for("the training to stop", lambda: button.get_attribute("aria-pressed") == "false")
    paused = data(page, "train", lambda d: True)
    page.wait_for_timeout(500)
    assert data(page, "train", lambda d: True)["update"] == paused["update"], "it trains on although it was stopped"
    button.click()
    solved = data(page, "train", lambda d: d["solved"])
    assert solved["share"] >= 0.95
    wait_for("the training to end", lambda: button.get_attribute("aria-pressed") == "false")
    last = data(page, "train", lambda d: True)
    steps = [0, one["update"], paused["update"] - 1, last["update"] - paused["update"]]
    want = natively(*({**AGENT, "updates": n} for n in steps))
    assert [d["digest"] for d in want] == [first["digest"], one["digest"], paused["digest"], last["digest"]]
    quiet(page)


def natively(*inputs):
    """What the same requests to train give natively, on the Go backend without vector instructions, which add up in another order."""
    lines = "".join(f"train {json.dumps(i)}\n" for i in inputs)
    done = subprocess.run(["go", "run", "./classroom/native"], cwd=REPOSITORY, input=lines, capture_output=True, text=True, check=True,
                          env={**os.environ, "GOMLX_SIMD_AVX512": "0", "GOMLX_SIMD_AVX2": "0"})
    return [json.loads(line)["data"] for line in done.stdout.splitlines()]


def test_wipe_and_loss_of_what_was_trained(page):
    """Wiped in the delay, the trained agent guesses; its loss has a term for each step."""
    go(page, "wipe")
    wiped = data(page, "wipe", lambda d: d["update"] > 0)
    assert wiped["intact"] > 0.9 and wiped["wiped"] < 0.8 and len(wiped["points"]) == 15
    slide(page, "wipe", "step", 0)
    data(page, "wipe", lambda d: d["wiped"] > 0.9)
    go(page, "loss")
    loss = data(page, "loss", lambda d: d["update"] == wiped["update"])
    counted = [x for x, mask in zip(loss["terms"]["Losses"], loss["terms"]["Mask"]) if mask]
    assert abs(sum(counted) / len(counted) - loss["loss"]) < 1e-9
    assert page.locator('[data-table="loss"] tbody tr').count() == len(counted)
    assert all(x == 0 for t, row in enumerate(loss["sensitivity"]) for x in row[t + 1:])
    quiet(page)


def test_break_and_sweep(page):
    """Failures are seen beside their repair; the search gives each agent its line. Leaving a step stops its training."""
    go(page, "break")
    for failure in "no-projection", "no-final-bootstrap":
        page.locator("section#break select").select_option(failure)
        data(page, "break", lambda d: d["failure"] == failure and d["update"] == 0)
        page.locator("section#break button.strong").click()
        data(page, "break", lambda d: d["failure"] == failure and d["repaired"] > 0.9 and d["broken"] < 0.8 and d["update"] >= 60)
        stop(page, "break")
    go(page, "sweep")
    trials = data(page, "sweep", lambda d: True)["trials"]
    assert len({(t["learning_rate"], t["eta"]) for t in trials}) == 12
    page.locator("section#sweep button.strong").click()
    data(page, "sweep", lambda d: all(t["share"] is not None for t in d["trials"]))
    page.locator("section#sweep button.strong").click()
    drawn(page, "sweep")
    quiet(page)


def test_another_task_while_it_trains(page):
    """A task that is chosen while another is trained is trained from its beginning, with the bits that it has natively."""
    go(page, "train")
    page.locator("section#train button.strong").click()
    page.locator("section#train select[name=task]").select_option("DelayMatchSample")
    data(page, "train", lambda d: d["task"] == "DelayMatchSample" and d["update"] > 0)
    stop(page, "train")
    last = data(page, "train", lambda d: True)
    assert [d["digest"] for d in natively({**AGENT, "task": last["task"], "updates": last["update"]})] == [last["digest"]]
    quiet(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_looks(opened, built, shoot, theme):
    """On a telephone, with reduced motion, the one file can be read and operated in each theme, as axe-core judges."""
    page = opened((built / "page.html").as_uri(), viewport={"width": 390, "height": 844}, color_scheme=theme,
                  reduced_motion="reduce", has_touch=True)
    script, wrong = axe.SCRIPT.read_text(), []
    for step in STEPS:
        go(page, step)
        wait_for(f"the charts of {step}", lambda: page.evaluate(DRAWN) or step == "play")
        settle(page)
        page.locator(f"section#{step} summary").first.click()
        _, faults = texts(page, f"section#{step}")
        found = faults + wider(page) + page.evaluate(OUTSIDE) + contrasts(page, "body", script, TAGS)
        shoot(page, f"classroom-{step}-{theme}-390", full_page=True)
        wrong += [f"{step}, {theme}: {fault}" for fault in found]
    assert not wrong, "\n".join(wrong)
    quiet(page)


# The charts that are not where their places are.
OUTSIDE = """() => [...document.querySelectorAll('section:not([hidden]) .chart')].map(place => [place, place.querySelector('svg')])
  .filter(([place, svg]) => svg && Math.abs(place.getBoundingClientRect().top - svg.getBoundingClientRect().top) > 1)
  .map(([place]) => `the chart ${place.getAttribute('aria-label')} has slipped out of its place`)"""
DRAWN = """() => document.querySelector('section:not([hidden]) [data-chart] .chart svg') !== null"""


def test_focus_follows_the_step(page):
    """By the keyboard alone: a step is opened, its heading has the focus, and the next stop is its first control."""
    go(page, "play")
    page.locator('nav a[href="#plastic"]').focus()
    page.keyboard.press("Enter")
    wait_for("the heading to have the focus", lambda: page.evaluate("document.activeElement.id") == "plastic-h")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "eta"


def test_forced_colours(page):
    """With the system's few colours the open step and the meters can still be told apart."""
    go(page, "play")
    page.emulate_media(forced_colors="active")
    here, other = (page.locator(f'nav a[href="#{step}"]').evaluate(BACKGROUND) for step in ("play", "train"))
    assert here != other
    assert "gradient" in page.locator(".meters .bar").first.evaluate(BACKGROUND)
    page.emulate_media(forced_colors="none")


BACKGROUND = "(element) => getComputedStyle(element).backgroundColor + getComputedStyle(element).backgroundImage"


def test_pressed_twice(page):
    """A training that is stopped and started again at once goes on once, and its button says so."""
    go(page, "train")
    page.get_by_role("button", name="begin anew").and_(page.locator("section#train button")).click()
    page.locator("section#train button.strong").evaluate("(button) => { button.click(); button.click(); button.click(); }")
    seen = data(page, "train", lambda d: True)
    for _ in range(4):  # the answer of the first press is among the first of them
        seen = data(page, "train", lambda d: d["update"] > seen["update"])
    assert page.locator("section#train button.strong").inner_text() == "pause"
    stop(page, "train")
    wait_for("the button's own words", lambda: page.locator("section#train button.strong").inner_text() == "train")
    quiet(page)


def test_where_webassembly_is_forbidden(chromium, built):
    """A page that may not compute says so, and what to do."""
    forbidding = built / "forbidding.html"
    policy = """<meta http-equiv="Content-Security-Policy" content="script-src 'unsafe-inline' blob:">"""
    forbidding.write_text((built / "page.html").read_text().replace("<head>", "<head>" + policy, 1))
    page = chromium.new_page()
    page.goto(forbidding.as_uri())
    said = wait_for("what is wrong", lambda: page.locator("#status.failed").all_inner_texts())
    assert "WebAssembly" in said[0] and "'wasm-unsafe-eval'" in said[0] and "reload the page" in said[0]
    page.close()
