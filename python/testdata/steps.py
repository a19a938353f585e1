"""Steps the agents of the runs in a folder and prints the greatest difference from what Go
computed, relative where a number is above 1."""
import json
import os
import sys

import numpy as np
import onnxruntime

import engram

worst = {}
for name in sorted(os.listdir(sys.argv[1])):
    run = os.path.join(sys.argv[1], name)
    policy, want = engram.load(run), np.load(os.path.join(run, "steps.npz"))
    session = onnxruntime.InferenceSession(os.path.join(run, "export", "policy.onnx"))
    one, two, other = policy.initial_state(), policy.initial_state(2), policy.initial_state(2)
    far = dict.fromkeys(("numpy", "batch", "onnx"), 0.0)

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
        values, other = session.run(["values", "next_state"], {"observation": np.stack([observation, -observation]),
                                                             "state": other})
        compare("onnx", i, values[0], other[0])
    worst[name] = far
json.dump(worst, sys.stdout)
