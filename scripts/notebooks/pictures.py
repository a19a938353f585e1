"""Writes the README's pictures: static pictures of charts in the executed notebooks, found by title.

usage: pictures.py [--check]     with --check writes nothing and fails where a picture differs from the notebook's
"""
import base64
import json
import pathlib
import sys

from outputs import PICTURE, TITLE, html

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
# The picture's name, the notebook, and the beginning of the chart's title.
PICTURES = [
    ("window", "01_replay", "A window of 10"),
    ("memory", "02_plasticity", "M after each step"),
    ("learning", "04_training", "The reward rises"),
]


def picture(notebook, title):
    """Returns the last chart with that title as SVG on white, because the page may be dark."""
    cells = json.loads((REPOSITORY / "notebooks" / f"{notebook}.ipynb").read_text())["cells"]
    found = [data for cell in cells if cell["cell_type"] == "code"
             for heading, data in zip(TITLE.findall(html(cell)), PICTURE.findall(html(cell))) if heading.startswith(title)]
    if not found:
        raise SystemExit(f"pictures: {notebook} has no chart {title!r}: run 'make notebooks', or name another in {__file__}")
    return base64.b64decode(found[-1]).replace(b"<svg ", b'<svg style="background: #fff" ', 1)


def main():
    stale = []
    for name, notebook, title in PICTURES:
        path, wanted = REPOSITORY / "docs" / f"{name}.svg", picture(notebook, title)
        if sys.argv[1:] != ["--check"]:
            path.write_bytes(wanted)
        elif not path.exists() or path.read_bytes() != wanted:
            stale.append(path.name)
    if stale:
        raise SystemExit(f"pictures: {', '.join(stale)} in docs differ from the notebooks': run 'make pictures'")


if __name__ == "__main__":
    main()
