"""Replaces the charts' script that notebooks have embedded by the present one. What notebook.Begin puts out depends on
nothing else, so that a change of plots/assets/draw.js does not need the notebooks to be executed.

usage: library.py NOTEBOOK...
"""
import pathlib
import sys

import nbformat

from outputs import LIBRARY

ASSETS = pathlib.Path(__file__).resolve().parents[2] / "plots" / "assets"


def library():
    """Returns what plots.Library does."""
    echarts, draw = ((ASSETS / name).read_text() for name in ("echarts.min.js", "draw.js"))
    return "(function (define, exports, module) {\n" + echarts + "\n}).call(window);\n" + draw


def exchange(html):
    """Returns a cell's HTML with the present script in place of the one that it has."""
    return LIBRARY.sub(lambda _: f"<script>{library()}</script>", html)


for path in sys.argv[1:]:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/html" in data:
                data["text/html"] = exchange(data["text/html"])
    nbformat.write(notebook, path)
