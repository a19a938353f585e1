"""Reads a recording with NumPy, pandas and xarray as docs/recording.md shows, and prints what they found as JSON.

usage: read.py FILE.npz
"""

import json
import sys

import numpy as np
import pandas as pd
import xarray as xr

z = np.load(sys.argv[1])  # allow_pickle is off
about = json.loads(str(z["about"]))
conditions = {name.removeprefix("condition_"): z[name] for name in z.files if name.startswith("condition_")}
trials = pd.DataFrame({"correct": z["correct"], "fresh": z["fresh"],
                       "steps": np.diff(z["trial_offsets"])} | {n: c for n, c in conditions.items() if c.ndim == 1})
trial = np.repeat(np.arange(about["trials"]), np.diff(z["trial_offsets"]))
names = np.append(z["period_names"], "none")  # -1 is the last
steps = pd.DataFrame({"trial": trial, "action": z["action"], "reward": z["reward"], "period": names[z["period"]]})
h = xr.DataArray(z["h"], dims=("step", "unit"), coords={
    "trial": ("step", trial), "period": ("step", steps["period"]),
    "ground_truth": ("step", conditions["ground_truth"][trial])})
state = next((name for name in ("M", "state", "M_pca", "state_pca") if name in z.files), None)

json.dump({
    "about": about,
    "types": {name: [str(z[name].dtype.kind), list(z[name].shape)] for name in z.files},
    "reward_per_trial": float(steps.groupby("trial")["reward"].sum().mean()),
    "accuracy_by_ground_truth": {str(k): float(v) for k, v in trials.groupby("ground_truth")["correct"].mean().items()},
    "mean_h_by_ground_truth": h.groupby("ground_truth").mean("step").values.tolist(),
    "periods": steps["period"].tolist(),
    "actions": steps["action"].tolist(),
    "state": [] if state is None else z[state].ravel().tolist(),
    "state_step": [] if state is None else z[state.removesuffix("_pca") + "_step"].tolist(),
}, sys.stdout)
