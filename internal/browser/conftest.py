"""The laboratory and a page of Chromium for each test."""
import contextlib
import os

import pytest
from playwright.sync_api import sync_playwright

from jupyter import PATIENCE, REPOSITORY, Lab
from notebooks import fresh_copy

# Chromium itself calls home unless told not to; root has no sandbox to give.
FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"] + ["--no-sandbox"] * (os.getuid() == 0)
SCREENSHOTS = REPOSITORY / "build" / "screenshots"


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """One laboratory for all tests, on a copy of the notebooks in which nothing has run."""
    lab = Lab(fresh_copy(tmp_path_factory.mktemp("fresh")))
    yield lab
    lab.stop()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, lab):
    with clean_page(chromium, lab) as page:
        yield page


@contextlib.contextmanager
def clean_page(chromium, lab):
    """A page in which nothing may go wrong, and which may speak to the laboratory only."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(1000 * PATIENCE)
    complaints, addresses = [], []
    context.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "assert") else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("request", lambda request: addresses.append(request.url))
    page = context.new_page()
    page.on("websocket", lambda socket: addresses.append(socket.url.replace("ws:", "http:", 1)))
    yield page
    context.close()
    assert not complaints, "the browser's console has errors"
    outside = {url for url in addresses if not url.startswith((lab.url, "data:", "blob:"))}
    assert addresses and not outside, "requests leave the machine"


@pytest.fixture(scope="session")
def shoot():
    """Saves screenshots, as build output to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def save(what, name, **options):
        what.screenshot(path=SCREENSHOTS / f"{name}.png", **options)
    return save
