"""plays an environment in plain Gymnasium: the oracle of the bridge's tests. usage: play.py MODULE ID SEED ACTION..."""
import importlib, itertools, json, sys

import gymnasium
from gymnasium import spaces
from gymnasium.spaces import utils

sys.path.insert(0, ".")
module, name, seed, *numbers = sys.argv[1:]
found = importlib.import_module(module)
e = getattr(found, name)() if hasattr(found, name) else gymnasium.make(name, disable_env_checker=True)


def said(space, number):
    """the action of a number, counted with the last part fastest"""
    if isinstance(space, spaces.Discrete):
        return int(space.start) + number
    if isinstance(space, spaces.MultiDiscrete):
        digits = []
        for n in reversed(space.nvec.ravel()):
            digits.insert(0, number % int(n))
            number //= int(n)
        return digits
    if isinstance(space, spaces.MultiBinary):
        return [(number >> k) & 1 for k in reversed(range(space.n))]
    sizes = {"Discrete": lambda s: int(s.n), "MultiDiscrete": lambda s: int(s.nvec.prod()), "MultiBinary": lambda s: 2 ** s.n,
             "Dict": lambda s: 2}
    parts = list(space.spaces.values()) if isinstance(space, spaces.Dict) else list(space.spaces)
    out = []
    for p in reversed(parts):
        n = sizes[type(p).__name__](p)
        out.insert(0, said(p, number % n))
        number //= n
    return dict(zip(space.spaces, out)) if isinstance(space, spaces.Dict) else tuple(out)


o, _ = e.reset(seed=int(seed))
flat = lambda o: utils.flatten(e.observation_space, o).astype("float32").ravel().tolist()
steps = [{"Observation": flat(o)}]
for number in numbers:
    o, r, terminated, truncated, _ = e.step(said(e.action_space, int(number)))
    steps.append({"Observation": flat(o), "Reward": float(r), "Terminated": bool(terminated), "Truncated": bool(truncated)})
    if terminated or truncated:
        break
print(json.dumps(steps))
