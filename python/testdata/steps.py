"""Steps the agents of the runs in a folder and prints the greatest difference from what Go
computed, relative where a number is above 1."""
import json
import os
import sys

import numpy as np
import engram

worst = {}
for name in sorted(os.listdir(sys.argv[1])):
    run = os.path.join(sys.argv[1], name)
    policy, want = engram.load(run), np.load(os.path.join(run, "steps.npz"))
    one, two = policy.initial_state(), policy.initial_state(2)
    far = dict.fromkeys(("numpy", "batch"), 0.0)

    def compare(what, i, values, state):
        for got, name in ((values, "values"), (state, "states")):
            difference = np.abs(got - want[name][i]) / np.maximum(1, np.abs(want[name][i]))
            far[what] = max(far[what], float(difference.max(initial=0)), float("inf") if np.isnan(got).any() else 0)

    want = dict(want)
    for i, observation in enumerate(want["observations"]):
        values, one = policy.step(observation, one)
        compare("numpy", i, values, one)
        if i < 200:
            values, two = policy.step(np.stack([observation, -observation]), two)
            compare("batch", i, values[0], two[0])
    worst[name] = far
json.dump(worst, sys.stdout)
