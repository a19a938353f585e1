"""The site of docs and notebooks, opened from its folder: it asks no server, and its pictures need no script."""
import subprocess

import pytest

import axe
from jupyter import REPOSITORY, saved_cells, wait_for
from looks import contrasts
from test_looks import TAGS

# Charts of the page that hold a picture that ECharts drew, and all of them.
DRAWN = """() => [...document.querySelectorAll('div[role="img"]')].map(place => Boolean(place.querySelector(":scope > div > svg")))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site in a folder whose name has a space. Sphinx fails on a link that leads nowhere."""
    folder = tmp_path_factory.mktemp("site") / "a site"
    subprocess.run(["make", "-C", REPOSITORY, "build"], check=True, capture_output=True)
    made = subprocess.run([REPOSITORY / "scripts" / "site.sh", folder], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


@pytest.fixture
def reader(chromium):
    """A page of its own, in which nothing may go wrong, and which may read files only; called with options of its context."""
    contexts, wrong = [], []

    def open_page(**options):
        context = chromium.new_context(**options)
        contexts.append(context)
        context.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        context.on("request", lambda request: None if request.url.startswith(("file:", "data:", "blob:")) else wrong.append(request.url))
        return context.new_page()
    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


def notebooks():
    return sorted(path.stem for path in (REPOSITORY / "notebooks").glob("[0-9]*.ipynb"))


def test_every_notebook_draws_its_charts_and_equations(site, reader):
    page = reader()
    for name in notebooks():
        page.goto((site / "notebooks" / f"{name}.html").as_uri())
        wait_for(f"the charts of {name}", lambda: all(page.evaluate(DRAWN)))
        assert page.evaluate(DRAWN) or page.locator(".cell_output img").count(), f"{name} has no picture"  # 12 is Python's
        equations = any("$" in "".join(cell["source"]) for cell in saved_cells(f"{name}.ipynb") if cell["cell_type"] == "markdown")
        assert (page.locator("math").count() > 0) == equations, name


def test_pictures_and_equations_appear_without_scripts(site, reader):
    page = reader(java_script_enabled=False)
    page.goto((site / "notebooks" / "02_plasticity.html").as_uri())
    pictures = page.locator('div[role="img"] > img')
    assert pictures.count() > 3
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        assert picture.bounding_box()["width"] > 100
    assert page.locator("math").first.is_visible()


def test_the_index_leads_to_every_page(site, reader):
    page = reader()
    page.goto((site / "index.html").as_uri())
    linked = set(page.evaluate("() => [...document.querySelectorAll('a[href]')].map(link => link.href.split('#')[0])"))
    made = {path.as_uri() for folder in ("docs", "notebooks") for path in (site / folder).glob("*.html")}
    assert made - linked == set()
    assert (site / "classroom" / "index.html").as_uri() in linked and (site / "classroom" / "index.html").is_file()
    page.get_by_role("textbox", name="Search").fill("participation")
    page.keyboard.press("Enter")
    page.locator("#search-results li").first.wait_for()


def test_text_has_contrast_and_the_keyboard_reaches_all(site, chromium):
    for theme, width in (("light", 1280), ("dark", 390)):
        with chromium.new_context(color_scheme=theme, viewport={"width": width, "height": 800}) as context:
            page = context.new_page()
            for name in ("index", "docs/teaching", "notebooks/02_plasticity"):
                page.goto((site / f"{name}.html").as_uri())
                assert contrasts(page, "body", axe.SCRIPT.read_text(), TAGS) == [], (name, theme, width)
