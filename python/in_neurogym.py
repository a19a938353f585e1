"""Plays agents that learned engram's own tasks in NeuroGym's environments of the same name, where nothing of engram but
this package acts, and prints what a trial earns here and there. Outside CI, because NeuroGym needs PyTorch: in a clone,

    scripts/env/python.sh neurogym python/in_neurogym.py RUN...
"""
import json
import pathlib
import sys
import warnings

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import engram

warnings.filterwarnings("ignore")
import gymnasium
import neurogym  # registers the environments

TRIALS = 2000
SEED = 1


def main(runs):
    if not runs:
        sys.exit(__doc__)
    print(f"{'task':26}{'in engram':>12}{'in NeuroGym':>14}{'standard error':>16}")
    for run in map(pathlib.Path, runs):
        config = json.loads((run / "config.json").read_text())
        result = json.loads((run / "run.json").read_text())["result"]
        options = config.get("task_options") or {}
        env = gymnasium.make(f"{config['task']}-v0", disable_env_checker=True, **options)
        earned = engram.load(run).agent(env).play(env, count=TRIALS, seed=SEED)
        print(f"{config['task']:26}{result['reward_per_trial']:12.3f}{earned.mean():14.3f}"
              f"{earned.std() / np.sqrt(TRIALS):16.3f}", flush=True)


main(sys.argv[1:])
