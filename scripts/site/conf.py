"""Configures Sphinx for the site of docs and notebooks: nothing is executed, and no page asks a server."""

from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

project = "engram"
extensions = ["myst_nb"]
exclude_patterns = ["examples/**", "docker/**", "extra/**"]
html_theme = "furo"
html_title = "engram"
html_static_path = ["_static"]
html_extra_path = ["extra"]  # the classroom
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # it would fetch pages, which a browser forbids for files
html_show_copyright = False
html_math_renderer = "mathml"
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
pygments_dark_style = "monokai"


def math(self, node: nodes.math) -> None:
    """Writes an equation as MathML, which browsers draw without a script."""
    self.body.append(convert(node.astext()))
    raise nodes.SkipNode


def displaymath(self, node: nodes.math_block) -> None:
    """Writes an equation on a line of its own."""
    self.body.append(f'<div class="math" tabindex="0">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode


REACHABLE = (
    ('<p class="caption" role="heading">', '<p class="caption" role="heading" aria-level="2">'),
    ("<pre>", '<pre tabindex="0">'),
    ('<div class="table-wrapper', '<div tabindex="0" role="group" aria-label="table" class="table-wrapper'),
)


def make_reachable(app: Sphinx, error: Exception | None) -> None:
    """Lets the keyboard reach what scrolls, and names the level of captions, where the theme does not."""
    for page in Path(app.outdir).rglob("*.html") if error is None else ():
        text = page.read_text()
        for theirs, ours in REACHABLE:
            text = text.replace(theirs, ours)
        page.write_text(text)


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("mathml", (math, None), (displaymath, None))
    app.connect("build-finished", make_reachable)
