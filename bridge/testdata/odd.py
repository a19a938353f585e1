"""environments that tests start through engram's worker: odd spaces, and everything that can go wrong"""
import os, random, sys, time, warnings

import gymnasium
import numpy as np
from gymnasium import spaces


class Plain(gymnasium.Env):
    """counts its steps; an episode has ten"""
    observation_space = spaces.Box(-np.inf, np.inf, (2,), np.float32)
    action_space = spaces.Discrete(3)

    def __init__(self, at=3):
        self.at = at

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t = 0
        self.drawn = self.np_random.random()
        return self.see(), {}

    def see(self):
        return np.array([self.t, self.drawn], np.float32)

    def step(self, action):
        self.t += 1
        if self.t == self.at:
            self.odd()
        return self.see(), float(action), self.t == 10, False, {}

    def odd(self):
        pass


def variant(name, odd=None, **members):
    if odd:
        members["odd"] = lambda self: odd()
    return type(name, (Plain,), members)


def raises_(): raise ValueError("the reactor\nis gone")
def kills_(): os.kill(os.getpid(), 9)
def exits_(): os._exit(7)
def hangs_():
    while True: time.sleep(0.01)
def prints_():
    print("hello from step")
    os.write(1, b"\0" * 100)
    sys.stdout.flush()


raises = variant("raises", raises_)
kills = variant("kills", kills_)
exits = variant("exits", exits_)
hangs = variant("hangs", hangs_)
prints = variant("prints", prints_)
nans = variant("nans", see=lambda self: np.array([self.t, np.nan if self.t == 3 else 0], np.float32))
wide = variant("wide", see=lambda self: np.zeros(2 + (self.t == 3), np.float32))
texts = variant("texts", see=lambda self: ["a", "b"])
continuous = variant("continuous", action_space=spaces.Box(-2, 2, (1,), np.float32))
many = variant("many", action_space=spaces.MultiDiscrete([40, 40]))
unlucky = variant("unlucky", see=lambda self: np.array([self.t, random.SystemRandom().random()], np.float32))


def meets_():
    """waits until another process steps, too"""
    folder = os.environ["ENGRAM_TEST_MEETS"]
    open(os.path.join(folder, str(os.getpid())), "w").close()
    while len(os.listdir(folder)) < 2:
        time.sleep(0.01)


meets = variant("meets", meets_)


needs = variant("needs", __init__=lambda self, size: None)
old_step = variant("old_step", step=lambda self, action: Plain.step(self, action)[:4])
old_reset = variant("old_reset", reset=lambda self, seed=None: Plain.reset(self, seed=seed)[0])
graph = variant("graph", observation_space=spaces.Graph(spaces.Box(0, 1, (2,)), None))
spaceless = variant("spaceless", observation_space=None)
unpaid = variant("unpaid", step=lambda self, action: (self.see(), None, False, False, {}))
rewards = variant("rewards", step=lambda self, action: (self.see(), np.ones(2), False, False, {}))


class Mixed(Plain):
    """a dictionary of everything, seen and done"""
    observation_space = spaces.Dict({
        "box": spaces.Box(-1, 1, (2, 2), np.float64), "bits": spaces.MultiBinary(3), "one": spaces.Discrete(3, start=5),
        "several": spaces.MultiDiscrete([2, 3]), "pair": spaces.Tuple((spaces.Discrete(2), spaces.Box(0, 9, (1,), np.int64)))})
    action_space = spaces.Tuple((spaces.Discrete(2, start=1), spaces.MultiDiscrete([2, 3]),
                                 spaces.Dict({"a": spaces.MultiBinary(1)})))

    def see(self):
        draw = np.random.default_rng(int(self.drawn * 1e6) + self.t)
        return {"box": draw.random((2, 2)), "bits": draw.integers(2, size=3).astype(np.int8), "one": 5 + draw.integers(3),
                "several": draw.integers([2, 3]), "pair": (draw.integers(2), draw.integers(9, size=1))}

    def step(self, action):
        x, y, z = action
        o, _, terminated, truncated, info = super().step(0)
        return o, float(x * 100 + y[0] * 10 + y[1] + 0.5 * z["a"][0]), terminated, truncated, info


def nothing():
    return 7


class fails(Plain):
    """fails at the third step of an episode while ENGRAM_TEST_FAILS is set"""
    def odd(self):
        if os.environ.get("ENGRAM_TEST_FAILS"):
            raise ValueError("it fails")


class told(Plain):
    """an environment whose space and answers are expressions of Python"""
    def __init__(self, space="Box(-9, 9, (2,))", sees="np.zeros(2)", step="0.0, False, False, {}", reset="{}"):
        names = {"np": np, **vars(spaces)}
        self.observation_space = eval(space, names)
        self.answers = lambda text: eval(text, names)
        self.sees, self.stepped, self.begun = sees, step, reset
        super().__init__()

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.see(), self.answers(self.begun)

    def see(self):
        return self.answers(self.sees)

    def step(self, action):
        rest = self.answers(self.stepped)
        return (self.see(), *rest) if isinstance(rest, tuple) else rest


class Told(Plain):
    """says at each reset what the episode is about, and much that is no condition"""
    def reset(self, *, seed=None, options=None):
        o, _ = super().reset(seed=seed)
        side = int(self.drawn * 2)
        return o, {"side": np.int64(side), "level": 0 if side else 0.5, "cue": ["left", "right"][side], "easy": bool(side),
                   "place": np.array([side, 2.5]), "nan": np.nan, "deep": {"a": 1}, "image": np.zeros((9, 9)),
                   "../evil\x1b[31m": 3, "rows": [[1], [2, 3]], 5: 7, "huge": 1 << 70, "itself": self, "none": None}


class Spoils(Mixed):
    """changes each action that it is given"""
    def step(self, action):
        answer = super().step(action)
        action[1][:] = 9
        action[2].clear()
        return answer


class slow(Plain):
    """takes four seconds a step, by the clock"""
    seconds, clock = 0, staticmethod(time.monotonic)

    def odd(self):
        slow.seconds += 4
        time.monotonic = lambda: slow.clock() + slow.seconds

    def __init__(self):
        super().__init__(at=1)


def chatters_():
    for i in range(12):
        print("word", i)
    print("\x1b[33mred\x1b[0m " + "long " * 99, end="")
    raise ValueError("after words, " + "many " * 2000)


chatters = variant("chatters", chatters_)
says = variant("says", lambda: (print("hello\x1b[2J"), warnings.warn("look out")))
waits = variant("waits", __init__=lambda self: (print("I wait"), hangs_()))
seed_number, seed_nothing = variant("seed_number", seed=3), variant("seed_nothing", seed=None)
third = variant("third", action_space=spaces.Discrete(2, start=3))
shares = variant("shares", __init__=lambda self: Plain.__init__(self) or setattr(self, "env", {"of": "settings"}))
instance = Plain()


class Outer:
    class Inner(Plain):
        pass


def a_class():
    return Plain


def lacks(size):
    return needs(size)


class needs_more(Plain):
    def reset(self, place, *, seed=None, options=None):
        return super().reset(seed=seed)
