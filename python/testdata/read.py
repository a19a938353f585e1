"""Reads a run, a study and a suite with the package, and prints what it found."""
import json
import os
import sys
import warnings

import numpy as np

import engram

folder, archive = sys.argv[1:]
assert "pandas" not in sys.modules
run = engram.read(os.path.join(folder, "run"))
steps = run.recordings["a.npz"]
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    policy = engram.load(os.path.join(folder, "run"))
suite, study = engram.read(archive), engram.read(os.path.join(folder, "study"))
best = study.trials.sort_values(["value", "trial"]).iloc[0]
refused = []
for path in (folder, os.path.join(folder, "nothing"), os.path.join(folder, "run", "config.json")):
    try:
        engram.read(path)
        refused.append(f"{path} was read")
    except ValueError as error:
        if "\n" in str(error):
            refused.append(str(error))
for file in ("a.npz", "nothing"):
    try:
        engram.load(os.path.join(folder, "run", file))
        refused.append(f"{file} was loaded")
    except ValueError as error:
        if "is no run directory: it has no config.json" not in str(error):
            refused.append(str(error))
for checkpoint in (7, 12, "worst"):
    try:
        engram.load(os.path.join(folder, "run"), checkpoint)
        refused.append(f"checkpoint {checkpoint} was loaded")
    except ValueError:
        pass
corridors = engram.read(os.path.join(folder, "corridors"))
json.dump({
    "corridors": corridors.runs[["share_of_ceiling", "accuracy", "mean_return", "return_sd"]].map(str).values.tolist(),
    "corridor": engram.read(os.path.join(folder, "corridor")).evaluations["share_of_ceiling"].map(str).tolist(),
    "updates": run.metrics["update"].tolist(), "seed": int(run.evaluations["seed"].iloc[-1]), "steps": len(steps),
    "trials": int(steps["trial"].nunique()), "about": steps.attrs["task"], "checkpoint": policy.update,
    "warned": [str(w.message) for w in warned], "runs": len(suite.runs),
    "share": float(suite.runs["share_of_ceiling"].sum()), "best": float(best["value"]), "bestTrial": int(best["trial"]),
    "refused": refused,
}, sys.stdout)
