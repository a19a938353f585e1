"""Records what bsuite 0.3.6's memory chain does, for tasks/memorylength_test.go.

    python3 -m venv /tmp/bsv
    /tmp/bsv/bin/pip install bsuite==0.3.6 dm_env==1.6 numpy==2.4.6 pandas==3.1.1
    /tmp/bsv/bin/python tasks/testdata/record_memory.py        (writes tasks/testdata/memory.json.gz)

For each memory length and number of bits: 60 episodes, each with its context and query, the observation, action and
reward of every step, and the observation after the last; and a histogram of context and query over 4,000 episodes.
The environments are those of bsuite's experiments memory_len (one bit) and memory_size (length 2), and MemoryChain
itself for the rest. The same versions write the same bytes.
"""

import collections
import gzip
import json
import pathlib
from importlib import metadata

import numpy as np
from bsuite.environments.memory_chain import MemoryChain
from bsuite.experiments.memory_len import memory_len
from bsuite.experiments.memory_len import sweep as memory_len_sweep
from bsuite.experiments.memory_size import memory_size

SEED = 20190809
EPISODES = 60
DRAWS = 4000
CASES = [(1, 1), (2, 1), (5, 1), (10, 1), (30, 1), (100, 1), (2, 3), (1, 2), (7, 4)]  # (memory_length, num_bits)
POLICIES = ["oracle", "random", "oracle", "random", "zero", "one", "random", "wrong", "oracle", "random"]


def make(length, bits, seed):
    if bits == 1:
        return memory_len.load(memory_length=length, seed=seed)
    if length == 2:
        return memory_size.load(num_bits=bits, seed=seed)
    return MemoryChain(memory_length=length, num_bits=bits, seed=seed)


def params(env):
    context, query = env._context.tolist(), int(env._query)
    return {"context": context, "query": query, "ground_truth": context[query]}


def action(policy, answer, rng):
    return {"oracle": lambda: answer, "random": lambda: int(rng.randint(2)), "zero": lambda: 0, "one": lambda: 1,
            "wrong": lambda: 1 - answer}[policy]()


def seen(timestep):
    """The observation as a list: float32, which float holds exactly."""
    assert timestep.observation.dtype == np.float32
    assert timestep.observation.shape[0] == 1
    return timestep.observation[0].astype(np.float64).tolist()


def episode(env, policy, rng):
    timestep = env.reset()
    drawn, steps = params(env), []
    assert timestep.first()
    while not timestep.last():
        observation, act = seen(timestep), action(policy, drawn["ground_truth"], rng)
        timestep = env.step(act)
        assert params(env) == drawn
        assert timestep.discount == (0 if timestep.last() else 1)
        steps.append({"observation": observation, "action": act, "reward": float(timestep.reward)})
    return {"policy": policy, "params": drawn, "steps": steps, "final": seen(timestep)}


def draws(length, bits, seed):
    env = make(length, bits, seed)
    counts = collections.Counter()
    for _ in range(DRAWS):
        env.reset()
        counts[json.dumps(params(env), sort_keys=True)] += 1
    return dict(sorted(counts.items()))


def record(number, length, bits):
    env = make(length, bits, SEED + number)
    choose = np.random.RandomState(SEED - number - 1)
    episodes = [episode(env, POLICIES[i % len(POLICIES)], choose) for i in range(EPISODES)]
    info = env.bsuite_info()
    return {"options": {"memory_length": length, "num_bits": bits}, "episodes": episodes,
            "total_perfect": int(info["total_perfect"]), "total_regret": float(info["total_regret"]),
            "draws": draws(length, bits, SEED + 1000 + number)}


def main():
    out = {"versions": {p: metadata.version(p) for p in ("bsuite", "dm_env", "numpy")}, "seed": SEED,
           "memory_lengths": [s["memory_length"] for s in memory_len_sweep.SETTINGS],
           "cases": [record(i, *case) for i, case in enumerate(CASES)]}
    path = pathlib.Path(__file__).with_name("memory.json.gz")
    with path.open("wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        packed.write(json.dumps(out, separators=(",", ":")).encode())
    for c in out["cases"]:
        print(f"{c['options']} {len(c['episodes'])} episodes {sum(len(e['steps']) for e in c['episodes'])} steps, {c['total_perfect']} perfect")
    print(f"{path}: {path.stat().st_size:,} bytes")


main()
