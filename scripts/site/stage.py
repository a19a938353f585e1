"""Lays out the sources of the site in a folder: the pages of this clone, where their links expect them, and the
notebooks, whose first output holds the charts' script: one file of the site instead, which all notebooks load.

usage: stage.py FOLDER
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

LARGE = 500_000  # characters of an output, from which on it is the charts' script


def main(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "notebooks").mkdir(parents=True)
    static = folder / "_static"
    static.mkdir()
    here = Path(__file__).parent
    shutil.copy(here / "conf.py", folder)
    shutil.copy(here / "index.md", folder)
    for page in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"):
        shutil.copy(page, folder)
    for part in ("docs", "examples"):
        shutil.copytree(part, folder / part)
    (folder / "results").mkdir()
    shutil.copy("results/optuna.md", folder / "results")
    shutil.copytree("docker", folder / "docker")
    for path in sorted(Path("notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text())
        hoist_scripts(notebook, static)
        (folder / path).write_text(json.dumps(notebook))


def hoist_scripts(notebook: dict, static: Path) -> None:
    """Moves the scripts of large HTML outputs into files of static, named by their content."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            html = "".join(output.get("data", {}).get("text/html", ""))
            if len(html) < LARGE or not html.startswith("<script>"):
                continue
            script, rest = html.removeprefix("<script>").rsplit("</script>", 1)
            name = f"charts-{hashlib.sha256(script.encode()).hexdigest()[:16]}.js"
            (static / name).write_text(script)
            output["data"]["text/html"] = f'<script src="../_static/{name}"></script>{rest}'


if __name__ == "__main__":
    main(Path(sys.argv[1]))
