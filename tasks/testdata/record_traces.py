"""Records what the tasks of neurogym 2.3.1 do, for tasks/parity_test.go.

usage: make traces        (writes tasks/testdata/traces.json.gz)

For each task and options: 60 trials, every one with its parameters,
the durations of its periods in steps, the standard normal draws of its noise in their order, and every step's
observation, ground truth, action and reward; and histograms of the parameters and durations of 4,000 trials.
"""

import collections
import gzip
import json
import pathlib
from importlib import metadata

import numpy as np
from neurogym.envs.native.contextdecisionmaking import ContextDecisionMaking
from neurogym.envs.native.delaycomparison import DelayComparison
from neurogym.envs.native.delaymatchsample import DelayMatchSample
from neurogym.envs.native.gonogo import GoNogo
from neurogym.envs.native.intervaldiscrimination import IntervalDiscrimination
from neurogym.envs.native.perceptualdecisionmaking import PerceptualDecisionMaking
from neurogym.envs.native.readysetgo import ReadySetGo

SEED = 20231122
TRIALS = 60
DRAWS = 4000

# The parameters of a trial that decide it, beside its durations.
PARAMS = {
    PerceptualDecisionMaking: ["ground_truth", "coh"],
    GoNogo: ["ground_truth"],
    DelayMatchSample: ["ground_truth", "sample_theta"],
    ContextDecisionMaking: ["ground_truth", "other_choice", "context", "coh_1", "coh_2"],
    IntervalDiscrimination: ["ground_truth"],
    DelayComparison: ["ground_truth", "vpair"],
    ReadySetGo: [],
}
# Periods whose durations are not drawn but follow from others.
DERIVED = {ReadySetGo: ["production"]}

# (task, its arguments in NeuroGym, the same as options of engram, whether breaking fixation ends a trial)
CASES = [
    (PerceptualDecisionMaking, {}, {}, False),
    (PerceptualDecisionMaking, {"dt": 50, "dim_ring": 4, "sigma": 0.5, "timing": {"fixation": 230, "delay": 120}},
     {"dt": 50, "dim_ring": 4, "sigma": 0.5, "timing": {"fixation": 230, "delay": 120}, "abort": True}, True),
    (GoNogo, {}, {}, False),
    (GoNogo, {"timing": {"fixation": 250}, "rewards": {"miss": -0.75}},
     {"timing": {"fixation": 250}, "rewards": {"miss": -0.75}, "abort": True}, True),
    # no period but fixation: breaking it at the last step costs both abort and miss
    (GoNogo, {"timing": {"fixation": 300, "stimulus": 0, "delay": 0, "decision": 0}},
     {"timing": {"fixation": 300, "stimulus": 0, "delay": 0, "decision": 0}}, False),
    (DelayMatchSample, {}, {}, False),
    (DelayMatchSample, {"dim_ring": 4, "timing": {"delay": [200, 500, 800]}},
     {"dim_ring": 4, "timing": {"delay": [200, 500, 800]}}, False),
    (ContextDecisionMaking, {}, {}, False),
    (ContextDecisionMaking, {"use_expl_context": True}, {"use_expl_context": True}, False),
    (ContextDecisionMaking, {"impl_context_modality": 1}, {"impl_context_modality": 1}, False),
    (IntervalDiscrimination, {}, {}, False),
    (DelayComparison, {}, {}, False),
    (ReadySetGo, {}, {}, False),
    (ReadySetGo, {"dt": 50, "gain": 2, "prod_margin": 0.3}, {"dt": 50, "gain": 2, "prod_margin": 0.3}, False),
]


class Recorder:
    """A RandomState that keeps its standard normal draws."""

    def __init__(self, seed):
        self.state, self.normals = np.random.RandomState(seed), []

    def __getattr__(self, name):
        return getattr(self.state, name)

    def randn(self, *shape):
        draws = self.state.randn(*shape)
        self.normals.extend(draws.ravel().tolist())
        return draws


def plain(x):
    """x as JSON has it."""
    if isinstance(x, tuple | list):
        return [plain(v) for v in x]
    return x.tolist() if isinstance(x, np.ndarray | np.generic) else x


def make(task, arguments, abort, seed):
    env = task(**arguments)
    env.abort = abort
    env.rng = Recorder(seed)
    env.reset()
    return env


def step(env, action):
    """Steps as a user does; the draws kept are then those of the trial that began, if one did."""
    env.rng.normals = []
    _, reward, terminated, truncated, info = env.step(action)
    assert not terminated
    assert not truncated
    return float(reward), info


def to_new_trial(env):
    """Waits until a trial begins (reset leaves the environment behind the first step of one)."""
    while not step(env, 0)[1]["new_trial"]:
        pass


def describe(env, task):
    periods = [p for p in env.start_ind if p not in DERIVED.get(task, [])]
    return ({k: plain(env.trial[k]) for k in PARAMS[task]},
            {p: int(env.end_ind[p] - env.start_ind[p]) for p in periods})


def action(policy, env, rng):
    n = int(env.action_space.n)
    return {"oracle": lambda: int(env.gt_now), "random": lambda: int(rng.randint(n)), "wait": lambda: 0, "first": lambda: 1, "last": lambda: n - 1,
            # right until it is asked, then always wrong
            "wrong": lambda: int((env.gt_now + 1) % n) if env.gt_now else 0}[policy]()


POLICIES = ["oracle", "random", "oracle", "random", "wait", "first", "random", "last", "oracle", "wrong"]


def record(case_number, task, arguments, options, abort):
    env = make(task, arguments, abort, SEED + case_number)
    choose = np.random.RandomState(SEED - case_number - 1)
    trials = []
    to_new_trial(env)
    for i in range(TRIALS):
        params, durations = describe(env, task)
        policy, noise = POLICIES[i % len(POLICIES)], list(env.rng.normals)
        steps = []
        while True:
            seen, gt, act = env.ob[env.t_ind].astype(np.float64).tolist(), int(env.gt_now), action(policy, env, choose)
            reward, info = step(env, act)
            steps.append({"observation": seen, "gt": gt, "action": act, "reward": reward})
            if info["new_trial"]:
                break
        trials.append({"policy": policy, "params": params, "durations": list(durations.values()), "noise": noise, "steps": steps,
                       "performance": int(info["performance"])})
    return {"task": task.__name__, "options": options, "trials": trials, "draws": draw(case_number, task, arguments, abort)}


def draw(case_number, task, arguments, abort):
    """Histograms over trials: of all parameters together, and of each period's steps."""
    env = make(task, arguments, abort, SEED + 1000 + case_number)
    seen = collections.defaultdict(collections.Counter)
    for _ in range(DRAWS):
        to_new_trial(env)
        params, durations = describe(env, task)
        seen["params"][json.dumps(params, sort_keys=True)] += 1
        for period, steps in durations.items():
            seen[period][str(steps)] += 1
    return {k: dict(sorted(v.items())) for k, v in seen.items()}


def main():
    out = {"versions": {p: metadata.version(p) for p in ("neurogym", "numpy", "gymnasium")}, "seed": SEED,
           "cases": [record(i, *case) for i, case in enumerate(CASES)]}
    path = pathlib.Path(__file__).with_name("traces.json.gz")
    with path.open("wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        packed.write(json.dumps(out, separators=(",", ":")).encode())
    for c in out["cases"]:
        print(f"{c['task']:26} {len(c['trials'])} trials {sum(len(t['steps']) for t in c['trials']):5} steps  {c['options']}")
    print(f"{path}: {path.stat().st_size:,} bytes")


main()
