"""Compares engram's samplers with Optuna's on three functions and writes results/optuna.md.

Each sampler searches each function with 20 seeds of 100 trials: engram through 'engram sweep run', Optuna with its TPE
(multivariate, groups, constant liar) and its random sampler. Compared is the distance of a study's best value from
the minimum. engram's median must be no worse than Optuna's 60th percentile.

usage: scripts/env/python.sh optuna scripts/peers/optuna_compare.py ENGRAM
"""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import optuna

SEEDS, TRIALS = range(20), 100
MINIMA = {"branin": 0.397887, "hartmann6": -3.32237, "mixed": 0.1}


def branin(t):
    x, y = t.suggest_float("x", -5, 10), t.suggest_float("y", 0, 15)
    return (y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6) ** 2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


A = np.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]])
P = 1e-4 * np.array([[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
                     [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]])


def hartmann6(t):
    x = np.array([t.suggest_float(f"x{i}", 0, 1) for i in range(1, 7)])
    return -float(np.array([1, 1.2, 3, 3.2]) @ np.exp(-(A * (x - P) ** 2).sum(axis=1)))


def mixed(t):
    """Computes the function mixed of sweep/search/functions.go."""
    method, loss = t.suggest_categorical("method", ["linear", "kernel", "tree"]), 0.1 * (t.suggest_float("scale", 0, 1) - 0.7) ** 2
    if method == "linear":
        return loss + 0.3 + 0.02 * (math.log10(t.suggest_float("penalty", 1e-4, 10, log=True)) + 2) ** 2
    if method == "kernel":
        cost = math.log10(t.suggest_float("cost", 1e-2, 1e3, log=True)) - 1.5
        width = math.log10(t.suggest_float("width", 1e-4, 10, log=True))
        return loss + 0.1 + 0.03 * cost**2 + 0.06 * (width + 1.5 + 0.5 * cost) ** 2
    depth, leaves = t.suggest_int("depth", 1, 20), t.suggest_int("leaves", 2, 256, log=True)
    return loss + 0.18 + 0.002 * (depth - 9) ** 2 + 0.01 * (math.log2(leaves) - 5) ** 2


SAMPLERS = {
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True, constant_liar=True),
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
}


def optuna_best(function, sampler, seed):
    study = optuna.create_study(sampler=SAMPLERS[sampler](seed))
    study.optimize(function, n_trials=TRIALS)
    return study.best_value


def engram_best(engram, folder, name, sampler, seed):
    file = folder / f"{name}-{sampler}-{seed}.json"
    file.write_text(json.dumps({"goal": {"kind": "function", "function": name}, "sampler": {"kind": sampler}, "trials": TRIALS, "seed": seed}))
    status = subprocess.run([engram, "sweep", "run", file, "--out", file.with_suffix(""), "--workers", "1", "--json"], check=True, capture_output=True)
    return json.loads(status.stdout)["best"]["value"]


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    lines = ["| function | sampler | engram: median | Optuna: median | Optuna: 60th percentile | no worse |", "|---|---|---|---|---|---|"]
    all_hold = True
    with tempfile.TemporaryDirectory() as folder:
        for function in (branin, hartmann6, mixed):
            name = function.__name__
            for sampler in SAMPLERS:
                ours = [engram_best(sys.argv[1], Path(folder), name, sampler, s) - MINIMA[name] for s in SEEDS]
                theirs = [optuna_best(function, sampler, s) - MINIMA[name] for s in SEEDS]
                median, limit = np.median(ours), np.percentile(theirs, 60)
                all_hold &= bool(median <= limit)
                lines.append(f"| {name} | {sampler} | {median:.4f} | {np.median(theirs):.4f} | {limit:.4f} | {'yes' if median <= limit else 'NO'} |")
                print(lines[-1], flush=True)
    head = (f"# The sweep's samplers beside Optuna's\n\nDistance of the best of {TRIALS} trials from the minimum, over {len(SEEDS)} seeds; Optuna {optuna.__version__}.\n"
            "Written by `make optuna`; `scripts/peers/optuna_compare.py` says what is compared.")
    Path("results/optuna.md").write_text("\n".join([head, "", *lines, ""]))
    sys.exit(0 if all_hold else "engram is worse than Optuna's 60th percentile somewhere")


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    main()
