"""Eight environments of Python that do next to nothing, stepped together by Gymnasium's own means: what engram bench
compares its worker with, which steps the same ones (row environment).

usage: vector_env.py [--rounds]    prints the microseconds of a step of all eight; with --rounds, for engram bench,
a line of each variant for each line read
"""
import statistics
import sys
import time

import gymnasium
import numpy as np

N, STEPS, EPISODE = 8, 2000, 100


class Trivial(gymnasium.Env):
    """shows four numbers that never change; an episode has EPISODE steps"""
    observation_space = gymnasium.spaces.Box(-1, 1, (4,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)
    shown = np.zeros(4, np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t = 0
        return self.shown, {}

    def step(self, action):
        self.t += 1
        return self.shown, 1.0, self.t == EPISODE, False, {}


class Loop:
    """Python's own loop: steps, resets what ended, and keeps observations, rewards and ends in arrays"""

    def __init__(self):
        self.envs = [Trivial() for _ in range(N)]
        self.seen, self.rewards, self.ended = np.zeros((N, 4), np.float32), np.zeros(N), np.zeros(N, bool)

    def reset(self):
        for i, env in enumerate(self.envs):
            self.seen[i], _ = env.reset(seed=i)

    def step(self, actions):
        for i, env in enumerate(self.envs):
            self.seen[i], self.rewards[i], terminated, truncated, _ = env.step(actions[i])
            self.ended[i] = terminated or truncated
            if self.ended[i]:
                self.seen[i], _ = env.reset(seed=i)


def micros(envs):
    """returns the median time of a step of all environments"""
    actions, took = np.ones(N, int), []
    for _ in range(STEPS):
        began = time.perf_counter()
        envs.step(actions)
        took.append(1e6 * (time.perf_counter() - began))
    return statistics.median(took)


def main():
    makers = [Trivial] * N
    variants = {"loop": Loop(), "SyncVectorEnv": gymnasium.vector.SyncVectorEnv(makers),
                "AsyncVectorEnv": gymnasium.vector.AsyncVectorEnv(makers)}
    for envs in variants.values():
        envs.reset()
    if "--rounds" not in sys.argv:
        for name, envs in variants.items():
            print(f"{name} {micros(envs):.1f} us")
        return
    print(flush=True)
    for _ in sys.stdin:
        for name, envs in variants.items():
            print(name, micros(envs))
        print(flush=True)


if __name__ == "__main__":
    main()
