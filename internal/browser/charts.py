"""What the charts of a notebook's page show."""
import xml.etree.ElementTree

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


# The element with the focus: its label, and the width and contrast of the ring around it.
FOCUS = """() => {
  const of = document.activeElement, style = getComputedStyle(of);
  let behind = of, rgb = text => (text.match(/[0-9.]+/g) || []).map(Number);
  while (behind && rgb(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0) + 0.05;
  const [a, b] = [light(rgb(style.outlineColor)), light(rgb(getComputedStyle(behind || document.body).backgroundColor))];
  return { label: of.ariaLabel || "", ring: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth), contrast: Math.max(a / b, b / a) };
}"""


def save_by_keys(page, place, key="Tab"):
    """Goes to the button that saves a chart, by Tab or Shift+Tab from where the focus is, presses Enter, and returns the texts
    of the picture that arrives."""
    want = f"save as a picture: {place.get_attribute('aria-label')}"
    for _ in range(40):
        page.keyboard.press(key)
        focus = page.evaluate(FOCUS)
        if focus["label"] == want:
            break
    assert focus["label"] == want, f"{key} does not come to the button"
    assert focus["ring"] >= 2 and focus["contrast"] >= 3, f"the ring of the focus can hardly be seen: {focus}"
    with page.expect_download() as arriving:
        page.keyboard.press("Enter")
    assert arriving.value.suggested_filename.endswith(".svg")
    picture = xml.etree.ElementTree.parse(arriving.value.path())
    assert picture.getroot().tag == "{http://www.w3.org/2000/svg}svg"
    return [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
