"""Reads the outputs of a notebook's cells, and finds what is wrong with them."""
import base64
import hashlib
import io
import json
import re
import xml.etree.ElementTree

import nbformat
import numpy as np
import PIL.Image

PLACE = re.compile(r'role="img"')
PICTURE = re.compile(r'src="data:image/svg\+xml;base64,([^"]+)"')
DRAWING = re.compile(r'\.push\(\["engram-[0-9a-f]+", (\{.*\})\]\);</script>')
LIBRARY = re.compile(r"<script>(\(function \(define.*?)</script>", re.S)
LINKS_XLA = re.compile(r"^[^/\n]*\b(?:live|train)\.", re.M)  # packages lab/live and nb/train, except in a comment
COLUMNS = re.compile(r"^.*\S {2,}\S.* {2,}\S.*$", re.M)  # a line of three columns
TITLE = re.compile(r"<h4>(.*?)</h4>")
# Each of these calls below a cell's %% shows at least one chart.
CALLS = "notebook.Show(", "notebook.NewLive(", "report.Run(", "live.NewWatch(", "live.WatchRun(", "live.Run(", "live.RunJob(", "live.RunJobUntil(", "watch.Cell(", "nb.Curve(", "train.Run(", "train.Sweep("


def html(cell):
    """Returns a cell's HTML output."""
    return "".join("".join(output.get("data", {}).get("text/html", "")) for output in cell["outputs"])


def charts(cell):
    """Returns the ECharts options of a cell's charts."""
    return [json.loads(options) for options in DRAWING.findall(html(cell))]


def frames(options):
    """Returns a chart's lists of series: one, or one for each position of its slider."""
    base = options.get("baseOption", options)
    return [frame["series"] for frame in options.get("options", [])] or [base["series"]]


def numbers(data):
    """Counts the finite numbers in a series' data, at any depth. Missing values are null or "-"."""
    if isinstance(data, dict):
        data = data.get("value")
    if isinstance(data, list):
        return sum(numbers(item) for item in data)
    return isinstance(data, (int, float)) and not isinstance(data, bool)


def shapes(picture):
    """Counts the shapes of a static picture."""
    root = xml.etree.ElementTree.fromstring(base64.b64decode(picture))
    return sum(element.tag.rpartition("}")[2] in ("path", "rect", "polyline", "circle", "image") for element in root.iter())


def empty(picture):
    """Reports whether a PNG, such as Matplotlib's, shows no data: the frame of a chart and its text are grey."""
    rgb = np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB"), int)
    return np.ptp(rgb, axis=2).max() < 30


def structure(cell):
    """Describes a cell's output without its numbers, which may differ between runs, and the charts' script by its checksum."""
    kinds = [output.get("name") or " and ".join(sorted(output.get("data", {}))) or output.output_type for output in cell.outputs]
    titles = [re.sub(r"[-−+]?\d[\d.,]*", "#", title) for title in TITLE.findall(html(cell))]
    series = [[f"{s.get('type')} {s.get('name', '')}" for s in frames(options)[0]] for options in charts(cell)]
    library = [hashlib.sha256(script.encode()).hexdigest()[:12] for script in LIBRARY.findall(html(cell))]
    return {"outputs": kinds, "charts": titles, "series": series, "library": library}


def says(cell, text):
    """Whether a cell printed a text and nothing else."""
    return [output.get("name") for output in cell.outputs] == ["stdout"] and text in cell.outputs[0].text


def answers(cell):
    """Whether a cell computes the answers of the exercises above it: whoever wants to see them runs it."""
    return "answers" in cell["metadata"].get("tags", ())


def run_part(source):
    """Returns the part of a cell that runs: below its %% line. The part above only declares."""
    return "".join(re.split(r"^%%.*$", source, maxsplit=1, flags=re.M)[1:])


def declared_part(source):
    """Returns the part of a cell above its %% line, which every later cell compiles and links, too."""
    return re.split(r"^%%.*$", source, maxsplit=1, flags=re.M)[0]


def faults(cell):
    """Yields what is wrong with an executed cell, in lines of text."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    yield from (f"error: {error.evalue}" for error in errors)
    stderr = "".join(output.text for output in cell.outputs if output.get("name") == "stderr")
    if stderr:
        yield f"stderr: {stderr}"
    if LINKS_XLA.search(declared_part(cell.source)):
        yield "package live is named above %%, so that every later cell links XLA and takes half a second longer"
    if len(COLUMNS.findall("".join(output.text for output in cell.outputs if output.get("name") == "stdout"))) > 2:
        yield "it prints a table, which breaks where the window is narrow: call notebook.ShowTable"
    if errors:
        return
    if any(empty(output.data["image/png"]) for output in cell.outputs if "image/png" in output.get("data", {})):
        yield "a picture is empty"
    shown, drawn, pictures = len(PLACE.findall(html(cell))), charts(cell), PICTURE.findall(html(cell))
    if sum(run_part(cell.source).count(call) for call in CALLS) > shown:
        yield "a chart is missing"
    if not shown == len(drawn) == len(pictures):
        yield f"{shown} charts have {len(drawn)} interactive forms and {len(pictures)} static pictures"
    for title, options, picture in zip(TITLE.findall(html(cell)), drawn, pictures):
        if not all(any(numbers(series.get("data")) for series in frame) for frame in frames(options)):
            yield f"chart {title!r} has no data"
        if shapes(picture) < 5:
            yield f"the static picture of chart {title!r} is empty"


def tidy(cell):
    """Joins the pieces of stdout before the other outputs: text and pictures arrive in an order that varies."""
    text = "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
    rest = [output for output in cell.outputs if output.get("name") != "stdout"]
    cell.outputs = ([nbformat.v4.new_output("stream", name="stdout", text=text)] if text else []) + rest
