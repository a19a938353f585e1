"""What the outputs of a notebook's cells hold, and what is wrong with them."""
import base64
import hashlib
import json
import re
import xml.etree.ElementTree

import nbformat

PLACE = re.compile(r'role="img"')
PICTURE = re.compile(r'src="data:image/svg\+xml;base64,([^"]+)"')
DRAWING = re.compile(r'\.push\(\["engram-[0-9a-f]+", (\{.*\})\]\);</script>')
LIBRARY = re.compile(r"<script>(\(function \(define.*?)</script>", re.S)
LINKS_XLA = re.compile(r"^[^/\n]*\blive\.", re.M)  # package lab/live, but in a comment
COLUMNS = re.compile(r"^.*\S {2,}\S.* {2,}\S.*$", re.M)  # a line of three columns
TITLE = re.compile(r"<h4>(.*?)</h4>")
# Each of these below a cell's %% shows a chart at least.
CALLS = "notebook.Show(", "notebook.NewLive(", "report.Run(", "live.NewWatch(", "live.WatchRun(", "live.Run(", "live.RunJob(", "live.RunJobUntil(", "watch.Cell("


def html(cell):
    """The HTML that a cell puts out."""
    return "".join("".join(output.get("data", {}).get("text/html", "")) for output in cell["outputs"])


def charts(cell):
    """The options by which ECharts draws a cell's charts."""
    return [json.loads(options) for options in DRAWING.findall(html(cell))]


def frames(options):
    """The lists of series of a chart: one, or one for each place of its slider."""
    base = options.get("baseOption", options)
    return [frame["series"] for frame in options.get("options", [])] or [base["series"]]


def numbers(data):
    """The finite numbers in a series' data, however deep. What is missing is written as null or "-"."""
    if isinstance(data, dict):
        data = data.get("value")
    if isinstance(data, list):
        return sum(numbers(item) for item in data)
    return isinstance(data, (int, float)) and not isinstance(data, bool)


def shapes(picture):
    """How many shapes a static picture draws."""
    root = xml.etree.ElementTree.fromstring(base64.b64decode(picture))
    return sum(element.tag.rpartition("}")[2] in ("path", "rect", "polyline", "circle", "image") for element in root.iter())


def structure(cell):
    """What a cell puts out, without the numbers, in which two runs may differ. The charts' script is named by its checksum."""
    kinds = [output.get("name") or " and ".join(sorted(output.get("data", {}))) or output.output_type for output in cell.outputs]
    titles = [re.sub(r"[-−+]?\d[\d.,]*", "#", title) for title in TITLE.findall(html(cell))]
    series = [[f"{s.get('type')} {s.get('name', '')}" for s in frames(options)[0]] for options in charts(cell)]
    library = [hashlib.sha256(script.encode()).hexdigest()[:12] for script in LIBRARY.findall(html(cell))]
    return {"outputs": kinds, "charts": titles, "series": series, "library": library}


def answers(cell):
    """Whether a cell computes the answers of the exercises above it: whoever wants to see them runs it."""
    return "answers" in cell["metadata"].get("tags", ())


def run_part(source):
    """What a cell runs: the part below its %% line. What stands above is only declared."""
    return "".join(re.split(r"^%%.*$", source, maxsplit=1, flags=re.M)[1:])


def declared_part(source):
    """What a cell declares, and so every later one compiles and links, too."""
    return re.split(r"^%%.*$", source, maxsplit=1, flags=re.M)[0]


def faults(cell):
    """What is wrong with an executed cell, as lines of text."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    yield from (f"error: {error.evalue}" for error in errors)
    stderr = "".join(output.text for output in cell.outputs if output.get("name") == "stderr")
    if stderr:
        yield f"stderr: {stderr}"
    if LINKS_XLA.search(declared_part(cell.source)):
        yield "it names package live above %%: every later cell links XLA, too, and takes half a second more"
    if len(COLUMNS.findall("".join(output.text for output in cell.outputs if output.get("name") == "stdout"))) > 2:
        yield "it prints a table, which breaks where the window is narrow: call notebook.ShowTable"
    if errors:
        return
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
    """Joins the pieces of stdout in front of the rest: text and pictures come on two ways, in an order that varies."""
    text = "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
    rest = [output for output in cell.outputs if output.get("name") != "stdout"]
    cell.outputs = ([nbformat.v4.new_output("stream", name="stdout", text=text)] if text else []) + rest
