"""Measures the steps a second of engram's tasks in Gymnasium: python python/speed.py [PROGRAM]"""
import sys
import time

import numpy as np

import engram

program = sys.argv[1] if len(sys.argv) > 1 else None


def rate(step, steps, environments):
    """returns environment steps a second, the best of five rounds"""
    best = 0.0
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(steps):
            step()
        best = max(best, steps * environments / (time.perf_counter() - began))
    return best


env = engram.Env("GoNogo", engram=program)
env.reset(seed=1)
print(f"1 environment: {rate(lambda: env.step(0), 2000, 1):,.0f} steps a second")
for n in (8, 64):
    envs, actions = engram.VectorEnv("GoNogo", n, engram=program), np.zeros(n, int)
    envs.reset(seed=1)
    print(f"{n} environments: {rate(lambda: envs.step(actions), 1000, n):,.0f} steps a second")
