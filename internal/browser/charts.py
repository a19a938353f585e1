"""What the charts of a notebook's page show."""
from jupyter import wait_for

# A chart's place holds the picture that ECharts drew into it.
MARKS = """place => {
  const svg = place.querySelector(":scope > div > svg"), box = svg && svg.getBoundingClientRect();
  return svg && box.width > 300 && box.height > 100 ? svg.querySelectorAll("path, polyline, rect, text").length : 0;
}"""
COLOURS = """place => [...place.querySelectorAll("svg path")].map(shape => shape.getAttribute("fill"))"""
# Of two equal texts the first counts.
BOXES = """place => [...place.querySelectorAll("svg text")].reverse()
  .map(text => [text.textContent, text.getBoundingClientRect().toJSON()])"""


def places(cell):
    return cell.locator('.jp-OutputArea-output div[role="img"]')


def saved_charts(cell):
    """How many charts the saved output of a notebook's cell has."""
    return sum("".join(output.get("data", {}).get("text/html", "")).count('role="img"') for output in cell["outputs"])


def assert_drawn(cell, count):
    """Each of a cell's charts is drawn, over its static picture."""
    wait_for(f"{count} charts", lambda: places(cell).count() == count and all(marks(place) for place in places(cell).all()))
    assert places(cell).locator("img").count() == 0, "a static picture stands where the chart should be"


def marks(place):
    """How many shapes and texts are drawn; 0 without a chart that one can see."""
    return place.evaluate(MARKS)


def colours(place):
    """The colours of the shapes of a chart, in order."""
    return place.evaluate(COLOURS)


def boxes(place):
    """Where each text of a chart stands, all at one instant: a chart is drawn anew as its place changes."""
    return dict(place.evaluate(BOXES))


def to_first_frame(place):
    """Moves the slider below a chart to its first frame, by the keyboard, and returns the name that it says."""
    slider = place.locator("xpath=following-sibling::label[1]").locator('input[type="range"]')
    slider.focus()
    slider.press("Home")
    return slider.get_attribute("aria-valuetext")
