"""JupyterLab as a user has it: the server that `make lab` starts, and a notebook in a browser's page."""
import json
import os
import pathlib
import re
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = int(os.environ.get("PATIENCE", 240))


def wait_for(what, true):
    """Waits until true() is, and returns what it is."""
    end = time.monotonic() + PATIENCE
    while not (value := true()):
        assert time.monotonic() < end, f"waited {PATIENCE} s for {what}"
        time.sleep(0.05)
    return value


class Lab:
    """A running `make lab`, without the window that it would open: on a folder of notebooks as it is, or, as `engram lab
    DIR` opens it, on a folder of one's own."""

    def __init__(self, notebooks, *arguments, own=False):
        self.notebooks, self.settings = notebooks, notebooks.parent / "settings"
        self.process = subprocess.Popen(
            [REPOSITORY / "scripts" / "lab.sh", *[notebooks] * own, "--no-browser", "--ServerApp.port=0", *arguments],
            env={**os.environ, "ENGRAM_NOTEBOOKS": "" if own else str(notebooks), "JUPYTERLAB_SETTINGS_DIR": str(self.settings),
                 "JUPYTERLAB_WORKSPACES_DIR": str(notebooks.parent / "workspaces")})
        said = wait_for("JupyterLab to start", self.announcement)
        self.url, self.token, self.port, self.folder = said["url"], said["token"], said["port"], said["root_dir"]

    def announcement(self):
        """What the server says of itself once it runs, in a file named by its process."""
        assert self.process.poll() is None, "JupyterLab ended at its start: see its messages above"
        try:
            return json.loads((REPOSITORY / ".venv" / "run" / f"jpserver-{self.process.pid}.json").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def set(self, extension, **settings):
        """Sets what a page that is opened from now on finds among its user's settings."""
        path = self.settings / "@jupyterlab" / f"{extension}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


SHORT = "Trials: 96", "Trials: 40"  # the sweep of 07, and one that takes less than half as long


def without_outputs(lab, name, replace=("", "")):
    """Puts a notebook without outputs beside the saved one, and returns its name; what it shows was run there. A text of
    its cells may be replaced by another."""
    saved = (REPOSITORY / "notebooks" / name).read_text()
    assert replace[0] in saved
    notebook = json.loads(saved.replace(*replace))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    emptied = f"emptied_{name}"
    (lab.notebooks / emptied).write_text(json.dumps(notebook))
    return emptied


def saved_cells(name):
    """The cells of a committed notebook."""
    return json.loads((REPOSITORY / "notebooks" / name).read_text())["cells"]


class Notebook:
    """A notebook that is open in a page."""

    def __init__(self, page, lab, name, path=None):
        """Opens the notebook name of a laboratory, by the path that its server opens if that is another."""
        self.page, self.path = page, lab.notebooks / name
        self.cells = json.loads(self.path.read_text())["cells"]
        with page.expect_websocket(lambda socket: "/channels" in socket.url):  # to the kernel: cells that are sent before are lost
            page.goto(f"{lab.url}{f'lab/tree/{name}' if path is None else path}?token={lab.token}&reset")
        page.get_by_text(f"Cell 1/{len(self.cells)}", exact=True).wait_for()  # before that, an empty notebook stands there

    def status(self):
        """Of the kernel: "idle", "busy", or "unknown" before the first cell."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator").get_attribute("data-status")

    def trust(self):
        """What the status bar says: how many cells may run scripts."""
        return self.page.locator(".jp-StatusItem-trust").get_attribute("title")

    def menu(self, *labels):
        for label in labels:
            self.page.get_by_role("menuitem", name=label, exact=True).click()

    def code(self):
        """The numbers of the code cells, among all cells."""
        return [i for i, cell in enumerate(self.cells) if cell["cell_type"] == "code"]

    def source(self, number):
        return "".join(self.cells[number]["source"])

    def cell(self, number):
        """Scrolls to a cell. What is far from what is seen is not in the page, so the way there is by the wheel."""
        cell = self.page.locator(f'.jp-Notebook-cell[data-windowed-list-index="{number}"]')

        def there():
            if cell.count():
                return True
            seen = self.page.locator(".jp-Notebook-cell").evaluate_all("cells => cells.map(c => +c.dataset.windowedListIndex)")
            self.page.locator(".jp-WindowedPanel-outer").hover()
            self.page.mouse.wheel(0, 500 if max(seen) < number else -500)
            return False

        wait_for(f"cell {number} to be there", there)
        cell.scroll_into_view_if_needed()
        return cell

    def run_all(self):
        """Runs all cells of a notebook without outputs, and waits until they have run or one has failed."""
        self.menu("Run", "Run All Cells")
        last = self.cell(self.code()[-1])
        wait_for("the notebook to run", lambda: self.ran(last) or self.errors())
        wait_for("the kernel to rest", lambda: self.status() == "idle")

    def run(self, number):
        """Selects a cell and starts it."""
        self.cell(number).locator(".jp-InputPrompt").click()
        self.page.keyboard.press("Control+Enter")

    def run_to_end(self, number):
        """Runs a cell and waits until it has ended."""
        cell = self.cell(number)
        before = self.prompt(cell)
        self.run(number)
        wait_for(f"cell {number} to end", lambda: self.prompt(cell) != before and self.ran(cell) and self.status() == "idle")

    def add(self, source):
        """Writes a cell below the last one, by the keyboard; returns its number."""
        self.cell(len(self.cells) - 1).locator(".jp-InputPrompt").click()
        self.page.keyboard.press("b")
        self.page.keyboard.press("Enter")
        self.page.keyboard.insert_text(source)
        self.cells.append({"cell_type": "code", "source": source, "outputs": []})
        return len(self.cells) - 1

    def prompt(self, cell):
        return cell.locator(".jp-InputPrompt").text_content().strip()

    def ran(self, cell):
        return re.fullmatch(r"\[\d+\]:", self.prompt(cell))

    def errors(self):
        """What failed cells say, of those that are in the page."""
        kinds = ", ".join(f'.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.{kind}"]' for kind in ("error", "stderr"))
        return self.page.locator(kinds).all_text_contents()
