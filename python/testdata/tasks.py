"""Steps engram's tasks through Gymnasium, and prints what differs from what Go said (a JSON file), and what is wrong."""
import json
import sys
import warnings

import gymnasium
import numpy as np
from gymnasium.utils.env_checker import check_env

import engram
from engram.tasks import Server

program, expected = sys.argv[1:]
wrong = []


def check(condition, what):
    if not condition:
        wrong.append(what)


def refused(error, part, make):
    try:
        make()
        wrong.append(f"{part}: not refused")
    except error as e:
        check(part in str(e) and "\n" not in str(e), f"{part}: {e}")


# The same frames as in Go: seeds, actions, observations, rewards, truths and flags.
with open(expected) as file:
    for want in json.load(file):
        server = Server(want["name"], want["options"], 1, want["limit"], program)
        seen, _, _, _ = server.reset(0, want["seed"])
        check(np.array_equal(seen[0], np.float32(want["first"])), f"{want['name']}: first observation")
        for t, s in enumerate(want["steps"]):
            seen, reward, truth, flags = server.step([s["action"]])
            got = [seen[0].tolist(), float(reward[0]), int(truth[0]), int(flags[0])]
            check(got == [np.float32(s["seen"]).tolist(), float(np.float32(s["reward"])), s["truth"], s["flags"]],
                  f"{want['name']}, step {t}: {got}, want {s}")
        server.close()

# Gymnasium's own checks, of each task by its registered name.
ids = engram.register(program)
for id in ids:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        env = gymnasium.make(id, disable_env_checker=True)
        check_env(env.unwrapped)
        env.close()
        for w in said:
            check("infinity" in str(w.message), f"{id}: {w.message}")  # of a Box without bounds

# A vector environment gives what its environments alone give; where an episode ends, one step resets.
kwargs = {"options": {"dt": 100}, "time_limit": 7, "engram": program}
seeds = [3, 4, 5]
v = engram.VectorEnv("GoNogo", 3, **kwargs)
servers = [Server("GoNogo", {"dt": 100}, 1, 7, program) for _ in range(3)]
seen, _ = v.reset(seed=seeds)
for i, s in enumerate(servers):
    check(np.array_equal(seen[i], s.reset(0, seeds[i])[0][0]), f"vector: first observation of {i}")
for t in range(7):
    seen, reward, terminated, truncated, info = v.step(np.array([1, 0, 1]))
    for i, s in enumerate(servers):
        o, r, truth, flags = s.step([[1, 0, 1][i]])
        check(np.array_equal(seen[i], o[0]) and reward[i] == r[0] and truncated[i] == bool(flags[0] & 2) and
              info["gt"][i] == truth[0] and info["new_trial"][i] == bool(flags[0] & 4), f"vector: step {t} of {i}")
check(truncated.all() and not terminated.any(), "vector: no time limit")
seen, reward, terminated, truncated, _ = v.step(np.array([0, 0, 0]))
check(not reward.any() and not truncated.any(), "vector: the step after an end")
v.step(np.array([0, 0, 0]))
v.close()
v = gymnasium.make_vec("engram/GoNogo-v0", num_envs=4, vectorization_mode="vector_entry_point", episode="trial")
v.reset(seed=1)
ends = sum(int(v.step(v.action_space.sample())[2].sum()) for _ in range(60))
check(ends > 8, f"vector: {ends} trials ended in 60 steps of 4")

# What is refused, and how.
refused(ValueError, "is unknown", lambda: engram.Env("Nothing", engram=program))
refused(ValueError, "dt", lambda: engram.Env("GoNogo", {"dt": -1}, engram=program))
refused(ValueError, "is an environment of Python", lambda: engram.Env("gymnasium:CartPole-v1", engram=program))
refused(ValueError, "use session or trial", lambda: engram.Env("GoNogo", episode="day", engram=program))
refused(ValueError, "engram ended with", lambda: engram.Env("GoNogo", engram=[sys.executable, "-c", ""]))
env = engram.Env("GoNogo", engram=program)
refused(RuntimeError, "reset it first", lambda: env.step(0))
env = engram.Env("GoNogo", engram=program)
env.reset(seed=1)
refused(ValueError, "invalid action 7", lambda: env.step(7))
env.close()
for dead in (False, True):  # the frame is written before the pipe breaks, or meets a broken one
    env = engram.Env("GoNogo", engram=program)
    process = env._server.process
    process.kill()
    if dead:
        process.wait()
    refused(RuntimeError, "engram ended with -9", lambda: env.step(0))
    refused(RuntimeError, "is closed", lambda: env.step(0))
    env.close()
    env.close()

json.dump({"tasks": len(ids), "wrong": wrong[:10]}, sys.stdout)
