"""Computes bsuite.json: the scores that the Python package bsuite gives to fixed logs of memory_len.

    python3 -m venv /tmp/bsv
    /tmp/bsv/bin/pip install bsuite==0.3.6 dm_env==1.6 numpy==2.4.6 pandas==3.1.1
    /tmp/bsv/bin/python analysis/testdata/bsuite_reference.py

A case is a list of rows [memory_length, episode, total_perfect], as bsuite logs them. Its score is bsuite's; its
regrets are those of one length after the other, in the loop of bsuite's score. The same versions write the same bytes.
"""

import json
import pathlib
from importlib import metadata

import numpy as np
import pandas as pd
from bsuite.experiments.memory_len import analysis, sweep

SEED = 5
LENGTHS = [s["memory_length"] for s in sweep.SETTINGS]


def runs(rng, lengths, seeds, episodes):
    """Runs that are logged at some episodes; their share of perfect episodes is anywhere from guessing to all."""
    rows = []
    for length in lengths:
        level = rng.uniform(0.45, 1)
        for _ in range(seeds):
            for episode in episodes:
                rows.append([length, episode, int(rng.binomial(episode, min(1, level + rng.normal(0, 0.02))))])
    return [rows[i] for i in rng.permutation(len(rows))]


def cases(rng):
    return {
        "the whole sweep": runs(rng, LENGTHS, 1, [1, 10, 100, 1000, 10_000]),
        "three seeds": runs(rng, LENGTHS, 3, [100, 10_000]),
        "cut short": runs(rng, LENGTHS[:9], 2, [60, 700]),
        "beyond 10,000 episodes": runs(rng, LENGTHS[:9], 2, [9000, 10_000, 20_000]),
        "lengths of different progress": runs(rng, [1, 2, 3], 2, [50]) + runs(rng, [4, 5, 6], 2, [50, 80]),
        "seeds of different progress": runs(rng, [1, 2, 3, 4], 2, [40]) + runs(rng, [1, 2, 3, 4], 1, [40, 90]),
        "on the threshold": [[1, 8, 5], [2, 8, 6], [3, 16, 10], [4, 10_000, 6250], [5, 10_000, 6251], [6, 8, 4], [6, 8, 6]],
    }


def regret(rows):
    """The regret of one length: what bsuite's score compares with its threshold (the score tells only the outcome)."""
    df = analysis.memory_preprocess(rows)
    last = np.minimum(df.episode.max(), sweep.NUM_EPISODES)
    return float(df.loc[df.episode == last, "regret_ratio"].mean() / last)


def main():
    out = {"versions": {p: metadata.version(p) for p in ("bsuite", "numpy", "pandas")},
           "episodes": sweep.NUM_EPISODES, "threshold": analysis.LEARNING_THRESH, "cases": []}
    for name, rows in cases(np.random.RandomState(SEED)).items():
        df = pd.DataFrame(rows, columns=["memory_length", "episode", "total_perfect"])
        regrets = {str(length): regret(part) for length, part in df.groupby("memory_length")}
        out["cases"].append({"name": name, "rows": rows, "regrets": regrets, "score": float(analysis.score(df))})
        print(f"{name}: {len(rows)} rows, {len(regrets)} lengths, score {out['cases'][-1]['score']:.4f}")
    pathlib.Path(__file__).with_name("bsuite.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")


main()
