"""engram's tasks as environments of Gymnasium. A process of engram steps them (engram tasks serve)."""
import json
import os
import select
import shutil
import struct
import subprocess
import time

import gymnasium
import numpy as np
from gymnasium import spaces

PROTOCOL = 1
RESET, STEP = 0, 1
AWAKE, GIVEN_AWAY = 200e-6, 50e-6  # seconds
TERMINATED, TRUNCATED, TRIAL_END, CORRECT, HAS_TRUTH = 1, 2, 4, 8, 16


class Server:
    """A process of engram with n environments of one task.

    engram is the program: a path, a list such as ["go", "run", "."] in a folder that 'engram new' made, or None for the
    variable ENGRAM, the program on the PATH, or bin/engram of the clone that this package lies in."""

    def __init__(self, name, options, n, time_limit=0, engram=None, listing=False):
        command = [engram or _program()] if not isinstance(engram, (list, tuple)) else list(engram)
        self.process = subprocess.Popen([*command, "tasks", "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, start_new_session=True)  # Ctrl+C is Python's
        asked = {"protocol": PROTOCOL, "name": name, "options": options, "environments": n,
                 "time_limit": time_limit or 0, "list": listing}
        self._write(json.dumps(asked).encode() + b"\n")
        line = self.process.stdout.readline()
        self.about = json.loads(line) if line else {"error": self._ended()}
        if "error" in self.about:
            self.close()
            raise ValueError(self.about["error"])
        self.n, self.size = n, len(self.about.get("observations", ()))
        self._ready = None
        if hasattr(os, "sched_yield"):  # Linux
            self._ready = select.poll()
            self._ready.register(self.process.stdout, select.POLLIN)
        self._step = struct.Struct(f"<BI{n}i")

    def reset(self, i, seed):
        """begins an episode of environment i"""
        return self._exchange(struct.pack("<BIIQ", RESET, 12, i, seed))

    def step(self, actions):
        """takes an action in each environment; -1 leaves it as it is"""
        return self._exchange(self._step.pack(STEP, 4 * self.n, *actions))

    def _exchange(self, frame):
        """returns observations [N, O], rewards [N], ground truths [N] and flags [N], as views of one answer"""
        if self.process is None:
            raise RuntimeError("the environment is closed")
        self._write(frame)
        self._wait_awake()
        head = self.process.stdout.read(5)
        kind, size = struct.unpack("<BI", head) if len(head) == 5 else (2, 0)
        body = self.process.stdout.read(size)
        if kind == 1:
            raise RuntimeError(json.loads(body)["error"])
        n, numbers = self.n, self.n * self.size
        if kind != 0 or len(body) != 4 * numbers + 9 * n:
            raise RuntimeError(self._ended())
        return (np.frombuffer(body, "<f4", numbers).reshape(n, self.size), np.frombuffer(body, "<f4", n, 4 * numbers),
                np.frombuffer(body, "<i4", n, 4 * (numbers + n)), np.frombuffer(body, "u1", n, 4 * (numbers + 2 * n)))

    def _wait_awake(self):
        """waits for the answer without sleep, but no longer than AWAKE, and not where others want the core for so long as
        GIVEN_AWAY: engram answers sooner than a process that sleeps wakes"""
        began = last = time.perf_counter()
        while self._ready and not self._ready.poll(0):
            os.sched_yield()
            now = time.perf_counter()
            if now - last > GIVEN_AWAY or now - began > AWAKE:
                return
            last = now

    def _write(self, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the answer is missing, too, and says why

    def _ended(self):
        """returns what the process said when it ended, and closes what it leaves"""
        self._hang_up()
        said = self.process.stderr.read().decode(errors="replace").strip().splitlines()
        code = self.process.wait()
        self.close()
        return f"engram ended with {code}" + (f": {said[-1]}" if said else "")

    def close(self):
        """ends the process"""
        if self.process is not None:
            self._hang_up()
            self.process.stdout.close()
            self.process.stderr.close()
            self.process.wait()
            self.process = None

    def _hang_up(self):
        """closes the process's input, which ends it"""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # it had ended before it read the last frame, which is still in the buffer


def _program():
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bin", "engram")
    found = os.environ.get("ENGRAM") or shutil.which("engram") or (here if os.access(here, os.X_OK) else None)
    if found is None:
        raise FileNotFoundError("the program engram is not on the PATH: name it by engram=PATH or the variable ENGRAM")
    return found


def names(engram=None):
    """returns the names of the tasks that the program has"""
    server = Server("", {}, 1, engram=engram, listing=True)
    server.close()
    return server.about["names"]


def register(engram=None):
    """registers each task as engram/NAME-v0, for gymnasium.make and gymnasium.make_vec, and returns these names"""
    ids = []
    for name in names(engram):
        ids.append(f"engram/{name}-v0")
        gymnasium.register(ids[-1], entry_point="engram.tasks:Env", vector_entry_point="engram.tasks:VectorEnv",
                           kwargs={"name": name, "engram": engram})
    return ids


class Env(gymnasium.Env):
    """A task of engram.

    options     the task's own, as 'engram tasks show NAME' lists them
    time_limit  steps after which an episode is truncated; 0: never, as tasks of trials go on for ever
    episode     "session", or "trial": the end of a trial terminates the episode

    info has new_trial; gt, the right action of the step just taken; and at a trial's end performance, 1 if it was
    answered correctly: NeuroGym's names."""

    metadata = {"render_modes": []}

    def __init__(self, name, options=None, time_limit=0, episode="session", engram=None):
        self._per_trial = _per_trial(episode)
        self._server = Server(name, options or {}, 1, time_limit, engram)
        self.about = self._server.about
        self.observation_space, self.action_space = _spaces_of(self._server)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        seen, _, _, _ = self._server.reset(0, int(self.np_random.integers(1 << 63)))
        return seen[0].copy(), {}

    def step(self, action):
        if not self.action_space.contains(action):
            raise ValueError(f"invalid action {action!r}: use 0 to {self.action_space.n - 1}")
        seen, reward, truth, flags = self._server.step((int(action),))
        flag = int(flags[0])
        info = {"new_trial": bool(flag & TRIAL_END)}
        if flag & HAS_TRUTH:
            info["gt"] = int(truth[0])
        if flag & TRIAL_END:
            info["performance"] = float(bool(flag & CORRECT))
        terminated = bool(flag & TERMINATED) or self._per_trial and info["new_trial"]
        return seen[0].copy(), float(reward[0]), terminated, bool(flag & TRUNCATED), info

    def close(self):
        self._server.close()


class VectorEnv(gymnasium.vector.VectorEnv):
    """N environments of a task, stepped by one process. An environment whose episode ended is reset by the next step,
    whose action it ignores (Gymnasium's next-step autoreset). info has the arrays new_trial, gt and performance."""

    metadata = {"render_modes": []}
    if hasattr(gymnasium.vector, "AutoresetMode"):
        metadata["autoreset_mode"] = gymnasium.vector.AutoresetMode.NEXT_STEP

    def __init__(self, name, num_envs=1, options=None, time_limit=0, episode="session", engram=None):
        self._per_trial = _per_trial(episode)
        self._server = Server(name, options or {}, num_envs, time_limit, engram)
        self.about, self.num_envs = self._server.about, num_envs
        self.single_observation_space, self.single_action_space = _spaces_of(self._server)
        self.observation_space = gymnasium.vector.utils.batch_space(self.single_observation_space, num_envs)
        self.action_space = gymnasium.vector.utils.batch_space(self.single_action_space, num_envs)
        self._ended = np.zeros(num_envs, bool)

    def reset(self, *, seed=None, options=None):
        seeds = [None] * self.num_envs
        if isinstance(seed, (list, tuple)):
            seeds, seed = seed, seed[0]
            if len(seeds) != self.num_envs:
                raise ValueError(f"{len(seeds)} seeds for {self.num_envs} environments")
        super().reset(seed=seed)
        for i, own in enumerate(seeds):
            seen = self._reset(i, own)
        self._ended[:] = False
        return seen.copy(), {}

    def _reset(self, i, seed=None):
        """begins an episode of environment i and returns the observations of all"""
        return self._server.reset(i, int(self.np_random.integers(1 << 63)) if seed is None else seed)[0]

    def step(self, actions):
        asked = np.where(self._ended, -1, actions)
        if ((asked < 0) & ~self._ended).any() or (asked >= self.single_action_space.n).any():
            raise ValueError(f"invalid actions {actions}: use 0 to {self.single_action_space.n - 1}")
        seen, reward, truth, flags = self._server.step(asked.tolist())
        if self._ended.any():
            reward, flags = np.where(self._ended, 0, reward), np.where(self._ended, 0, flags)
            for i in np.flatnonzero(self._ended):
                seen = self._reset(i)
        new_trial = flags & TRIAL_END != 0
        terminated, truncated = flags & TERMINATED != 0, flags & TRUNCATED != 0
        if self._per_trial:
            terminated = terminated | new_trial
        self._ended = terminated | truncated
        info = {"new_trial": new_trial, "gt": np.where(flags & HAS_TRUTH != 0, truth, -1),
                "performance": (new_trial & (flags & CORRECT != 0)).astype(float)}
        return seen.copy(), reward.astype(float), terminated, truncated, info

    def close_extras(self, **kwargs):
        self._server.close()


def _per_trial(episode):
    if episode not in ("session", "trial"):
        raise ValueError(f"invalid episode {episode!r}: use session or trial")
    return episode == "trial"


def _spaces_of(server):
    return (spaces.Box(-np.inf, np.inf, (server.size,), np.float32), spaces.Discrete(len(server.about["actions"])))
