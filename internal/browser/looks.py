"""How a page looks: text that overlaps, is cut or has too little contrast, at each width and in both themes."""
import pathlib

from jupyter import wait_for

WIDTHS = 1280, 800, 420  # pixels of the window: a screen, half of one, and a telephone
THEMES = "light", "dark"
LOOK = (pathlib.Path(__file__).parent / "looks.js").read_text().partition("\n(")[2]
# Where each text of a page stands, and in which colour.
SIGNATURE = """() => [...document.querySelectorAll("svg text")].map(text => {
  const box = text.getBoundingClientRect(), style = getComputedStyle(text);
  return [text.textContent, box.x | 0, box.y | 0, box.width | 0, style.fill, style.opacity].join();
}).join(";") + getComputedStyle(document.body).backgroundColor + document.documentElement.scrollWidth"""
# Marks the elements that axe finds wrong by their selector, with its words.
AXE = """async ([selector, tags]) => {
  const result = await axe.run({ include: [selector], exclude: ["svg"] }, { runOnly: tags, resultTypes: ["violations"] });
  return result.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 80)}: ${n.any.concat(n.all, n.none).map(c => c.message)[0]}`));
}"""


def settle(page):
    """Waits until the page's text has kept its places for two looks in a row."""
    seen = [None]

    def still():
        page.wait_for_timeout(100)
        seen.append(page.evaluate(SIGNATURE))
        return seen[-1] == seen[-2]

    wait_for("the page to come to rest", still)


def texts(page, selector):
    """Returns how many texts a reader sees, and what is wrong with them."""
    looked = page.evaluate("(" + LOOK, selector)
    return looked["texts"], looked["faults"]


def contrasts(page, selector, script, tags=("color-contrast",)):
    """Returns what axe-core finds wrong with the HTML."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(script)
    return page.evaluate(AXE, [selector, list(tags)])


def wider(page):
    """Returns what is wrong where the page is wider than its window."""
    width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"the page is {width} px wide, in a window of {window} px"] if width > window else []
