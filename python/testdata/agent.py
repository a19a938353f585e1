"""Acts through recorded trials with the package's Agent, and prints how far it is from Go's."""
import json
import os
import sys

import numpy as np

import engram

found = {}
for name in sorted(os.listdir(sys.argv[1])):
    run = os.path.join(sys.argv[1], name)
    agent = engram.load(run).agent()
    size = agent._size
    scale = agent.policy.config["observation_scale"] or 1
    worst, equal, reward, new_trial = 0.0, [], 0.0, False
    with open(os.path.join(run, "traces.json")) as file:
        traces = json.load(file)
    for trace in traces:
        for t, seen in enumerate(trace["observations"]):
            action = agent.act(np.array(seen[:size]) / scale, reward, new_trial)
            worst = max(worst, float(np.abs(agent.values - trace["q"][t]).max()))
            equal.append(action == trace["actions"][t])
            reward, new_trial = trace["rewards"][t], t == len(trace["observations"]) - 1
    for count, limit in ((0, 9), (-1, 9), (1, 0)):
        try:
            agent.play(None, count, limit=limit)
        except ValueError as error:
            assert f"invalid count {count} or limit {limit}: use 1 or more" == str(error), error
    found[name] = {"worst": worst, "actions": float(np.mean(equal)), "steps": len(equal)}
json.dump(found, sys.stdout)
