"""Small runs, a study and a suite, made by the command in some seconds, and the pages that it writes of them."""
import json
import os
import re
import subprocess

from jupyter import REPOSITORY

SESSION = "session_of_a_name_" + 100 * "n"  # a long one
SMALL = {"hidden": 8, "updates": 40, "eval_every": 10, "eval_trials": 20, "learn_after": 100}
STUDY = {
    "goal": {"kind": "train", "set": {"task": "GoNogo", **SMALL}, "measure": "last", "seeds": 1},
    "space": [{"name": "learning_rate", "kind": "log", "low": 1e-4, "high": 1e-1},
              {"name": "cell", "kind": "choice", "choices": ["mpn", "gru"]},
              {"name": "eta", "kind": "float", "low": -1, "high": 1, "when": {"param": "cell", "in": ["mpn"]}},
              {"name": "gamma", "kind": "float", "low": 0.5, "high": 0.99}],
    "sampler": {"kind": "tpe"}, "pruner": {"kind": "asha", "first": 10, "factor": 2}, "trials": 12, "seed": 3,
}


class Exhibits:
    """A folder of runs, and the pages that show them."""

    def __init__(self, folder):
        self.folder = folder
        self.engram_binary = REPOSITORY / "bin" / "engram"  # scripts/lab.sh, which starts these tests, has built it
        (folder / "study.json").write_text(json.dumps(STUDY))
        settings = [f"--set={name}={value}" for name, value in SMALL.items()]
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in SMALL.items()]
        self.engram("train", "--task=ContextDecisionMaking", "--episode=session", f"--run={SESSION}", "--quiet", "--metrics-every=5", *flags)
        self.engram("suite", "run", "--tasks=GoNogo,PerceptualDecisionMaking", "--cells=mpn,gru", "--seeds=2", "--out=suite", *settings)
        self.engram("sweep", "run", "study.json", "--out=study", "--quiet")
        self.engram("report", "--run=suite/GoNogo/mpn/seed-0")
        self.engram("suite", "report", "suite")
        self.engram("sweep", "report", "study")
        self.engram("report", "suite/GoNogo/mpn", "suite/GoNogo/gru", "study", "--out=compared.html")
        self.engram("analyse", "suite/GoNogo/mpn/seed-0", "--trials=60")
        self.files = {"run": folder / "suite/GoNogo/mpn/seed-0/report.html", "session": folder / SESSION / "report.html",
                      "suite": folder / "suite/report.html", "study": folder / "study/report.html",
                      "compared": folder / "compared.html", "analysis": folder / "suite/GoNogo/mpn/seed-0/analysis.html"}
        self.pages = {name: path.as_uri() for name, path in self.files.items()}

    def engram(self, *arguments):
        """Runs the command in the folder, on the backend that compiles nothing."""
        done = subprocess.run([self.engram_binary, *arguments], cwd=self.folder, capture_output=True, text=True,
                              env={**os.environ, "GOMLX_BACKEND": "go"})
        assert done.returncode == 0, f"engram {' '.join(arguments)}: {done.stderr}"

    def static(self, name):
        """Returns the address of a page's copy without scripts: what a reader sees who allows none."""
        page = self.files[name]
        copy = page.with_suffix(".static.html")
        copy.write_text(re.sub(r"<script>.*?</script>", "", page.read_text(), flags=re.S))
        return copy.as_uri()

    def watched(self):
        """Starts the page that watches all runs; returns its process, once it can be opened, and its address."""
        process = subprocess.Popen([self.engram_binary, "watch", "suite", SESSION, "--serve"], cwd=self.folder,
                                   stdout=subprocess.PIPE, text=True)
        return process, process.stdout.readline().strip()
