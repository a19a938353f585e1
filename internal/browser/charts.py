"""What the charts of a notebook's page show."""
from jupyter import wait_for

# A chart's place holds the picture that ECharts drew into it.
MARKS = """place => {
  const svg = place.querySelector(":scope > div > svg"), box = svg && svg.getBoundingClientRect();
  return svg && box.width > 300 && box.height > 100 ? svg.querySelectorAll("path, polyline, rect, text").length : 0;
}"""
# The handle of a chart's slider changes its colour when it is touched: what stands beside the slider's line or below counts not.
COLOURS = """place => {
  const steps = [...place.querySelectorAll("svg text")].filter(text => text.textContent.startsWith("step "));
  const end = Math.min(...steps.map(text => text.getBoundingClientRect().top)) - 30;
  return [...place.querySelectorAll("svg path")].filter(shape => shape.getBoundingClientRect().bottom < end)
    .map(shape => shape.getAttribute("fill"));
}"""
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
    """The colours of the shapes that are drawn above a chart's slider, in order."""
    return place.evaluate(COLOURS)


def boxes(place):
    """Where each text of a chart stands, all at one instant: a chart is drawn anew as its place changes."""
    return dict(place.evaluate(BOXES))


def drag_slider(page, place):
    """Drags the handle of a chart's slider from its last step to its first: it stands above their labels."""
    place.scroll_into_view_if_needed()
    steps = wait_for("the slider's labels", lambda: [box for text, box in boxes(place).items() if "step " in text])
    last, first = steps[0], steps[-1]  # the texts come from the last to the first
    height = first["y"] - 14  # of the slider's line
    page.mouse.move(last["x"] + last["width"] / 2, height)
    page.mouse.down()
    page.mouse.move(first["x"] + first["width"] / 2, height, steps=10)
    page.mouse.up()
