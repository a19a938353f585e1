"""What engram writes, as pandas frames: runs, suites, studies and recordings. pandas is imported for a frame."""
import dataclasses
import glob
import json
import os
import zipfile

import numpy as np


def read(path):
    """returns what lies at path: a Run, a Suite or a Study of a directory, or a frame of a recording (.npz), with a row
    for each step. A directory that is still written to is read as far as it is whole."""
    path = os.fspath(path)
    if os.path.isfile(path):
        return _recording(path)
    for file, kind in (("config.json", _run), ("suite.json", _suite), ("study.json", _study)):
        if os.path.isfile(os.path.join(path, file)):
            return kind(path)
    raise ValueError(f"{path} is no run, suite, study or recording: use a folder with config.json, suite.json or "
                     "study.json, or an .npz that 'engram record' wrote")


@dataclasses.dataclass
class Run:
    """A run: its hyperparameters and its description as dicts, its numbers as frames with a row for each report."""
    path: str
    config: dict
    about: dict
    metrics: "pandas.DataFrame"
    evaluations: "pandas.DataFrame"
    timing: "pandas.DataFrame"
    recordings: dict  # by file name: of each .npz in the run's folder, one row a step


@dataclasses.dataclass
class Suite:
    """A suite: its plan as a dict; runs has a row for each finished run, evaluations one for each evaluation."""
    path: str
    plan: dict
    runs: "pandas.DataFrame"
    evaluations: "pandas.DataFrame"


@dataclasses.dataclass
class Study:
    """A study: study.json as a dict; trials has a row for each trial that was begun, reports one for each score on the
    way of the attempt that counts."""
    path: str
    plan: dict
    trials: "pandas.DataFrame"
    reports: "pandas.DataFrame"


def _json(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return json.load(file)


def _lines(*path):
    """returns the objects of a JSONL file; the last line may be half written, and then does not count"""
    try:
        with open(os.path.join(*path), "rb") as file:
            return [json.loads(line) for line in file if line.endswith(b"\n")]
    except FileNotFoundError:
        return []


def _evaluation(line):
    """returns an evaluation: what nothing is known of is NaN, which no mean counts; a zero that was left out is 0"""
    e = dict(line)
    if e.get("no_ceiling"):
        e["share_of_ceiling"] = np.nan
    if e.get("episodes"):  # of no trials, which could be answered correctly
        e["accuracy"] = np.nan
        for name in ("mean_return", "return_sd"):  # earlier versions of engram left out a zero
            e.setdefault(name, 0.0)
    return e


def _frame(rows):
    import pandas
    return pandas.DataFrame(rows)


def _run(path):
    files = sorted(glob.glob(os.path.join(glob.escape(path), "*.npz")))
    recordings = {os.path.basename(file): _recording(file) for file in files}
    return Run(path, _json(path, "config.json"), _json(path, "run.json"), _frame(_lines(path, "metrics.jsonl")),
               _frame([_evaluation(e) for e in _lines(path, "evals.jsonl")]), _frame(_lines(path, "timing.jsonl")), recordings)


def _suite(path):
    runs, evaluations = [], []
    for line in _packed(path):
        about = line.get("run", {})
        if about.get("state") != "finished":
            continue
        of = {k: line[k] for k in ("task", "agent", "seed")}
        runs.append({**of, "seconds": about.get("seconds"), **_evaluation(about.get("result") or {}), **of})
        evaluations += [{**of, **_evaluation(e), **of} for e in line.get("evaluations") or []]
    return Suite(path, _json(path, "suite.json"), _frame(runs), _frame(evaluations))


def _packed(path):
    """returns the runs of a suite in the form of runs.jsonl; a run with a folder is read from there"""
    found = {}
    for line in _lines(path, "runs.jsonl"):
        found[line["task"], line["agent"], line["seed"]] = line
    for config in sorted(glob.glob(os.path.join(glob.escape(path), "*", "*", "seed-*", "config.json"))):
        folder = os.path.dirname(config)
        agent, seed = folder.split(os.sep)[-2:]
        c = _json(config)
        key = c["task"], agent, int(seed.removeprefix("seed-"))
        found[key] = {"task": key[0], "agent": agent, "seed": key[2], "run": _json(folder, "run.json"),
                      "evaluations": _lines(folder, "evals.jsonl")}
    return [found[key] for key in sorted(found)]


def _study(path):
    plan, trials, reports = _json(path, "study.json"), [], []
    attempts = {}
    for file in sorted(glob.glob(os.path.join(glob.escape(path), "attempts", "[0-9]*-[0-9]*.jsonl"))):
        trial, attempt = os.path.basename(file).removesuffix(".jsonl").split("-")
        attempts.setdefault(int(trial), {})[int(attempt)] = _lines(file)
    for trial in sorted(attempts):
        of = [attempts[trial][n] for n in sorted(attempts[trial])]
        counted = next((a for a in of if _end(a).get("state") in ("complete", "pruned", "infeasible")), of[-1])
        end, scores = _end(counted), [line for line in counted if line["event"] == "report"]
        claim = counted[0] if counted else {}
        last = scores[-1] if scores else {}
        trials.append({"trial": trial, "state": end.get("state", "running"), "value": end.get("value"),
                       "step": end.get("step", last.get("step")), "score": last.get("score"),
                       "seconds": end.get("seconds", last.get("seconds")), "memory_mb": end.get("memory_mb"),
                       "attempts": len(of), "host": claim.get("host"), "began": of[0][0]["time"] if of[0] else None,
                       "ended": end.get("time"), "reason": end.get("reason"), **(claim.get("values") or {})})
        reports += [{"trial": trial, **{k: line.get(k) for k in ("step", "score", "seconds")}} for line in scores]
    return Study(path, plan, _frame(trials), _frame(reports))


def _end(attempt):
    return attempt[-1] if attempt and attempt[-1]["event"] == "end" else {}


def _recording(path):
    """returns a row for each step of a recording: its trial, the trial's conditions, and what the agent saw, did and
    earned; wide arrays have a column for each number, such as q_0"""
    try:
        archive = np.load(path, allow_pickle=False)
        about = json.loads(str(archive["about"]))
        offsets = archive["trial_offsets"]
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"recording {path} is cut short, altered, or none: {error}: record it again") from None
    trial = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    columns = {"trial": trial, "step": np.arange(offsets[-1]) - offsets[trial]}
    for name in archive.files:
        if name in _OF_STEPS:
            columns.update(_columns(name, archive[name]))
        elif name in ("correct", "fresh") or name.startswith("condition_"):
            columns.update(_columns(name, archive[name][trial]))
    names = archive["period_names"]
    columns["period"] = np.append(names, "none")[archive["period"]]  # -1 is the last
    frame = _frame(columns)
    frame.attrs.update(about)
    return frame


# The arrays of a recording with a row for each step (docs/recording.md). The state has rows of its own.
_OF_STEPS = ("observation", "action", "reward", "q", "h", "ground_truth", "M_pca", "state_pca")


def _columns(name, array):
    if array.ndim == 1:
        return {name: array}
    flat = array.reshape(len(array), -1)
    return {f"{name}_{i}": flat[:, i] for i in range(flat.shape[1])}
