"""engram's worker: Gymnasium environments behind frames on stdin and stdout. engram starts it; see bridge/doc.go.

Only gymnasium and numpy are needed. It keeps no randomness of its own: every reset has a seed from engram. It loads no
pickle and writes no file.
"""
import decimal, json, numbers, operator, os, reprlib, select, signal, struct, sys, threading, time, traceback
from collections.abc import Mapping

for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # they are engram's, which writes a checkpoint first and
    signal.signal(stop, signal.SIG_IGN)                        # then ends this process by the end of its stdin
out = os.fdopen(os.dup(1), "wb", buffering=0)    # frames
os.dup2(2, 1)                                    # what an environment prints goes to stderr, of which engram keeps
sys.stdout.reconfigure(line_buffering=True)      # the end; line by line, because a crash loses what is in a buffer
inp = os.fdopen(os.dup(0), "rb", buffering=1 << 16)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)     # an environment that reads stdin gets nothing

ready = None
if hasattr(os, "sched_yield"):                   # Linux
    ready = select.poll()
    ready.register(inp, select.POLLIN)

PROTOCOL, OWN = 1, "<string>"                    # OWN: this program's file, in a traceback
AWAKE, GIVEN_AWAY = 200e-6, 50e-6                # seconds
MOST_ACTIONS, MOST_OBSERVED = 1024, 1 << 20
MOST_PARAMS, LONGEST_PARAM, INFINITY = 64, 64, float("inf")
MOST_CALLS, LONGEST_ERROR = 20, 4000             # of a traceback, and letters
TRY_WITHIN, DEPENDS = 10, "its episodes depend on more than their seeds and actions"  # seconds
RESET, STEP, DESCRIBE, MAKE, USE = 0, 1, 2, 3, 4
ANSWERS, ERROR, TEXT = 0, 1, 2
TERMINATED, TRUNCATED, TRIAL_END, CORRECT, HAS_TRUTH = 1, 2, 4, 8, 16


def end_with_parent(parent=os.getppid()):
    """ends this process when engram has ended, also where an environment hangs in Python"""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


def make(name, options):
    """returns one environment of a name such as gymnasium:CartPole-v1, or module:callable"""
    import importlib
    import gymnasium
    module, _, rest = name.partition(":")
    package = importlib.import_module(module)
    found = None
    try:
        found = operator.attrgetter(rest)(package)
    except AttributeError:
        pass
    if module != "gymnasium" and callable(found):
        env = called(found, **options)
        if isinstance(env, type):
            raise TypeError(f"{name} returned the class {env.__name__} and no environment of it: return "
                            f"{env.__name__}(), or name the class itself")
        if not hasattr(env, "reset") or not hasattr(env, "step"):
            raise TypeError(f"{name} returned {type(env).__name__}, which is no environment: it has no reset and step")
        return env
    try:
        return called(gymnasium.make, id=rest, disable_env_checker=True, **options)
    except gymnasium.error.UnregisteredEnv as e:
        raise LookupError(missing(package, rest, found, e)) from None


def called(make, **options):
    """returns what make returns; where an argument is missing that make itself needs, the error names the remedy"""
    try:
        return make(**options)
    except TypeError as e:
        caller = traceback.extract_tb(e.__traceback__)[-1].filename
        if " missing " in str(e) and (caller == OWN or caller.endswith("registration.py")):  # Gymnasium's make
            e.args = (f"{e}: give it by the task's options, such as --task-options '{{\"size\":5}}'",)
        raise


def missing(module, name, found, error):
    """returns in a sentence that a module has no such environment, and what it has that is spelled alike"""
    import difflib
    if module.__name__ == "gymnasium":
        return str(error)
    if found is not None:
        return (f"{module.__name__}.{name} cannot be called ({type(found).__name__}): name a class of environments, or "
                f"a function that returns one")
    callables = [n for n, value in vars(module).items() if callable(value)]
    alike = ", ".join(difflib.get_close_matches(name, callables, cutoff=0.5))
    return (f"module {module.__name__} has no callable {name!r}" + (alike and f" (but {alike})") +
            f", and no environment of that name is registered: {error}")


def actions_of(space):
    """returns the names of the actions and, by number, how each is said to the environment: the last part of a
    product counts fastest"""
    from gymnasium import spaces
    import itertools
    import numpy as np

    def parts(s):
        if isinstance(s, spaces.Discrete):
            return [int(s.start) + a for a in range(int(s.n))] if s.n <= MOST_ACTIONS else None
        if isinstance(s, (spaces.MultiDiscrete, spaces.MultiBinary)):
            nvec = np.full(s.shape, 2) if isinstance(s, spaces.MultiBinary) else s.nvec
            start = getattr(s, "start", np.zeros(nvec.shape, int))
            if float(np.prod(nvec.ravel().astype(float))) > MOST_ACTIONS:
                return None
            return [(np.array(c).reshape(nvec.shape) + start).astype(s.dtype)
                    for c in itertools.product(*(range(int(n)) for n in nvec.ravel()))]
        if isinstance(s, spaces.Tuple):
            return product([parts(p) for p in s.spaces], tuple)
        if isinstance(s, spaces.Dict):
            return product([parts(p) for p in s.spaces.values()], lambda c: dict(zip(s.spaces, c)))
        raise TypeError(f"action space {s} is continuous or a text: engram's agents choose among a finite number of "
                        f"actions; wrap the environment")

    def product(all, form):
        total = 1
        for p in all:
            total = None if p is None or total is None or total * len(p) > MOST_ACTIONS else total * len(p)
        return None if total is None else [form(c) for c in itertools.product(*all)]

    said = parts(space)
    if said is None:
        raise TypeError(f"action space {space} has more than {MOST_ACTIONS} actions: wrap the environment")
    names = [str(i) for i in range(len(said))]
    named = getattr(space, "name", None)             # NeuroGym's
    if isinstance(space, spaces.Discrete) and isinstance(named, dict):
        for key, value in named.items():
            for k, i in enumerate(value if isinstance(value, (list, tuple, range)) else [value]):
                if 0 <= int(i) < len(names):
                    names[int(i)] = key if not isinstance(value, (list, tuple, range)) else f"{key} {k + 1}"
    return names, said


def fresh(action):
    """returns a copy of an action for an environment, which may change what it is given"""
    import numpy as np
    if isinstance(action, np.ndarray):
        return action.copy()
    if isinstance(action, dict):
        return {k: fresh(part) for k, part in action.items()}
    return tuple(map(fresh, action)) if isinstance(action, tuple) else action


def came(o):
    """returns in a few words what an environment returned"""
    import numpy as np
    if isinstance(o, np.ndarray):
        return f"an array of {o.dtype} of shape {o.shape}" + (f", {reprlib.repr(o.tolist())}" if o.size else "")
    return f"{reprlib.repr(o.item() if isinstance(o, np.generic) else o)} ({type(o).__name__})"


def numbers_of(o, kinds, shape):
    """returns an array of o, or nothing: where NumPy makes none of it, or one whose dtype is none of those kinds or
    whose shape is another. Axes of length 1 do not count, because they do not change the order"""
    import numpy as np
    try:
        a = np.asarray(o)
    except Exception:                                # a ragged list, and whatever an object's __array__ raises
        return None
    if a.dtype.kind in kinds and (a.shape == shape or [n for n in a.shape if n != 1] == [n for n in shape if n != 1]):
        return a
    return None


def observer(space, part=""):
    """returns the names of the numbers of an observation space, and a function that writes an observation into an array
    of float32, flat as Gymnasium makes it. Taken is what can be meant in one way: numbers of any dtype and lists of
    them, bounds or not; whole numbers within a Discrete, a Boolean only where it has two values. Else it raises"""
    from gymnasium import spaces
    from gymnasium.spaces import utils
    import numpy as np

    def refuse(o, wanted):
        raise ValueError(f"invalid observation{part and ' ' + repr(part[:-1])}: {came(o)}, where the space {space} has "
                         f"{wanted}: return that, or declare in observation_space what the environment returns")

    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        keys = list(space.spaces) if isinstance(space, spaces.Dict) else range(len(space.spaces))
        inner = [observer(space.spaces[k], f"{part}{k}.") for k in keys]
        ends = np.cumsum([len(names) for names, _ in inner], dtype=int).tolist()
        parts = [(k, slice(end - len(names), end), write) for k, end, (names, write) in zip(keys, ends, inner)]
        mapping = isinstance(space, spaces.Dict)
        wanted = f"a dict of {', '.join(map(repr, keys))}" if mapping else f"a tuple of {len(parts)}"

        def together(o, into):
            if mapping:
                fits = isinstance(o, Mapping) and all(k in o for k in keys)
            else:
                fits = isinstance(o, (tuple, list)) or isinstance(o, np.ndarray) and o.ndim > 0
                fits = fits and len(o) == len(keys)
            if not fits:
                refuse(o, wanted)
            for k, where, write in parts:
                write(o[k], into[where])
        return [n for names, _ in inner for n in names], together

    try:
        if isinstance(space, spaces.Text):           # Gymnasium has numbers for each letter
            raise ValueError
        size = utils.flatdim(space)
    except (AttributeError, NotImplementedError, ValueError):
        raise TypeError(f"observation space {space}{part and ', part ' + repr(part[:-1]) + ','} has no fixed number of "
                        f"numbers: wrap the environment, such as in gymnasium.wrappers.TransformObservation") from None
    if size > MOST_OBSERVED:
        raise TypeError(f"observation space {space} has {size} numbers: use at most {MOST_OBSERVED}, such as by "
                        f"gymnasium.wrappers.TransformObservation")
    names = names_in(space, size, part)

    if isinstance(space, spaces.Box):
        shape, flat, own = space.shape, len(space.shape) == 1, space.dtype

        def box(o, into):
            if type(o) is not np.ndarray or o.shape != shape or o.dtype is not own and o.dtype.kind not in "fiub":
                a = numbers_of(o, "fiub", shape)
                if a is None:
                    refuse(o, f"numbers of shape {shape}")
                o = a.ravel()
            into[:] = o if flat else o.ravel()
        return names, box

    if isinstance(space, spaces.Discrete):
        start, n = int(space.start), int(space.n)
        kinds = "iufb" if n == 2 else "iuf"

        def one(o, into):
            i = o
            if type(o) is not int and type(o) is not np.int64:
                a = numbers_of(o, kinds, ())
                i = None if a is None else a.item()
            if i is None or not start <= i < start + n or i != int(i):
                refuse(o, f"a whole number from {start} to {start + n - 1}")
            into[:] = 0
            into[int(i) - start] = 1
        return names, one

    if isinstance(space, spaces.MultiDiscrete):
        nvec = space.nvec.ravel()
        start = np.broadcast_to(getattr(space, "start", 0), space.nvec.shape).ravel()
        first = np.concatenate([[0], np.cumsum(nvec)[:-1]]).astype(int)
        kinds, moved = "iufb" if (nvec == 2).all() else "iuf", start.any()

        def several(o, into):
            a = numbers_of(o, kinds, space.nvec.shape)
            i = None if a is None else a.ravel() - start if moved else a.ravel()
            if i is None or (i < 0).any() or (i >= nvec).any() or a.dtype.kind == "f" and (i % 1 != 0).any():
                refuse(o, f"whole numbers of shape {space.nvec.shape} within their bounds")
            into[:] = 0
            into[first + i.astype(int)] = 1
        return names, several

    if isinstance(space, spaces.MultiBinary):
        def bits(o, into):
            a = numbers_of(o, "iufb", space.shape)
            if a is None or not ((a == 0) | (a == 1)).all():
                refuse(o, f"zeros and ones of shape {space.shape}")
            into[:] = a.ravel()
        return names, bits

    def another(o, into):                            # such as OneOf, or a space that a package adds to Gymnasium
        a = numbers_of(utils.flatten(space, o), "fiub", (size,))
        if a is None:
            refuse(o, f"{size} numbers")
        into[:] = a.ravel()
    return names, another


def names_in(space, size, part):
    """returns the names of the numbers of one space: NeuroGym's, or places"""
    names = [f"{part}{i}" if part else f"o{i}" for i in range(size)]
    named = getattr(space, "name", None)
    if isinstance(named, dict):
        for key, value in named.items():
            several = not isinstance(value, int)
            for k, i in enumerate(list(value) if several else [value]):
                if 0 <= int(i) < size:
                    names[int(i)] = f"{key} {k + 1}" if several else str(key)
    return names


def begun(reset):
    """returns the observation and the info that a reset returned"""
    if not isinstance(reset, tuple) or len(reset) != 2 or not isinstance(reset[1], (Mapping, type(None))):
        raise TypeError("reset returned no pair of observation and info, as Gymnasium has it since 0.26: wrap the "
                        "environment")
    return reset


def reward_of(r):
    """returns a reward as a float; engram sees whether it is finite"""
    if type(r) is float or type(r) is int:
        return r
    a = numbers_of(r, "fiub", ())
    if a is not None:
        return a.item()
    if isinstance(r, (numbers.Real, decimal.Decimal)):
        return float(r)
    raise TypeError(f"reward {reprlib.repr(r)} is no number: return a float from step")


def ended(name, value):
    """returns whether an episode ended; a text or a number is no answer"""
    if value is True or value is False:
        return value
    a = numbers_of(value, "biu", ())
    if a is None or a.item() not in (0, 1):
        raise TypeError(f"{name} is {came(value)}: return True or False from step, in the order observation, reward, "
                        f"terminated, truncated, info")
    return bool(a.item())


def param(value):
    """returns what JSON has of a trial's parameter: a number, a list of numbers, a text or None. Anything else raises"""
    if value is None or isinstance(value, str):
        return value and value[:LONGEST_PARAM]
    shape = getattr(value, "shape", (len(value),) if isinstance(value, (list, tuple)) else ())
    a = numbers_of(value, "biuf", shape)
    if a is None or a.ndim > 1 or a.size > LONGEST_PARAM:
        raise TypeError
    finite = [v if -INFINITY < v < INFINITY else None for v in a.ravel().tolist()]
    if a.ndim == 1 and None in finite:
        raise TypeError
    return finite if a.ndim == 1 else finite[0]


def params(said):
    """returns the parameters of a trial that can be told, by names of letters, digits, _, - and points"""
    told = {}
    for name, value in said.items():
        name = "".join(c if c.isalnum() or c in "_-." else "_" for c in str(name))[:LONGEST_PARAM]
        try:
            told[name] = param(value)
        except Exception:                            # whatever an object of the environment raises: it is left out
            pass
    return dict(list(told.items())[:MOST_PARAMS])


def noted(info, key, otherwise=0):
    """returns a number of an info; where another package has something else under NeuroGym's name, the last argument"""
    a = numbers_of(info[key], "biuf", ()) if key in info else None
    return a.item() if a is not None and a.ndim == 0 else otherwise


class Lockstep:
    """N environments that step together"""

    def __init__(self, name, options, n):
        import numpy as np
        self.envs = [make(name, options) for _ in range(n)]
        e = self.envs[0]
        self.action_names, self.said = actions_of(e.action_space)
        self.mutable = any(type(a) is not int for a in self.said)
        self.names, self.flat = observer(e.observation_space)
        self.n, self.size = n, len(self.names)
        if not self.size:
            raise TypeError(f"observation space {e.observation_space} has no numbers: an agent must see one or more, "
                            f"such as a constant in Box(0, 1, (1,))")
        self.raw = bytearray(4 * n * self.size + 4 * n + 4 * n + n)
        take = lambda dtype, count, at: np.frombuffer(self.raw, dtype, count, at)
        self.seen = take("<f4", n * self.size, 0).reshape(n, self.size)
        self.reward = take("<f4", n, 4 * n * self.size)
        self.truth = take("<i4", n, 4 * n * self.size + 4 * n)
        self.flags = memoryview(self.raw)[4 * n * self.size + 8 * n:]
        self.rows = list(self.seen)
        self.actions = struct.Struct(f"<{n}i")
        self.ok = struct.pack("<BI", ANSWERS, len(self.raw))  # the head of its answers
        self.doing = (0, "reset", 0)
        self.begun = [None] * n                      # the newest reset's info

    def reset(self, i, seed):
        """begins an episode. NeuroGym draws from generators of its own: the outermost wrapper with a method seed seeds
        those below it, and another reset draws with them"""
        self.doing = (i, "reset", seed)
        o, self.begun[i] = begun(self.envs[i].reset(seed=seed))
        e = self.envs[i]
        while e is not None:
            if callable(getattr(type(e), "seed", None)) and callable(e.seed):
                e.seed(seed)
                o, self.begun[i] = begun(self.envs[i].reset())
                break
            e = getattr(e, "__dict__", {}).get("env")
        self.flat(o, self.rows[i])

    def step(self, actions):
        flat, reward, flags, rows = self.flat, self.reward, self.flags, self.rows
        said, mutable = self.said, self.mutable
        for i, e in enumerate(self.envs):
            action = actions[i]
            if action < 0:                           # not asked
                continue
            self.doing = (i, "action", action)
            stepped = e.step(fresh(said[action]) if mutable else said[action])
            if type(stepped) is not tuple and not isinstance(stepped, (tuple, list)) or len(stepped) != 5:
                got = f"{len(stepped)} values" if isinstance(stepped, (tuple, list)) else came(stepped)
                raise TypeError(f"step returned {got}, where Gymnasium has 5 since 0.26 (observation, reward, "
                                f"terminated, truncated, info): wrap the environment")
            o, r, terminated, truncated, info = stepped
            f = 0 if terminated is False else ended("terminated", terminated) and TERMINATED
            if truncated is not False and ended("truncated", truncated):
                f |= TRUNCATED
            if info is not None and (type(info) is not dict or info):
                f |= self.told(i, info)
            reward[i] = r if type(r) is float else reward_of(r)
            flags[i] = f
            flat(o, rows[i])

    def told(self, i, info):
        """returns the flags of NeuroGym's info, and keeps its ground truth"""
        if not isinstance(info, Mapping):
            raise TypeError(f"info is {came(info)}: return a dict as the last value of step")
        f = (TRIAL_END if noted(info, "new_trial") else 0) | (CORRECT if noted(info, "performance") else 0)
        truth = noted(info, "gt", -1)
        if 0 <= truth < len(self.said):
            f |= HAS_TRUTH
            self.truth[i] = truth
        return f

    def describe(self, i):
        """returns the parameters of the current trial, NeuroGym's or the last reset's info, and NeuroGym's periods in
        steps from the current one on"""
        self.doing = (i, "trial", 0)
        raw = getattr(self.envs[i], "unwrapped", self.envs[i])
        if not neurogyms(raw):
            return {"params": params(self.begun[i] or {})}
        trial, now = getattr(raw, "trial", None), int(getattr(raw, "t_ind", 0))
        starts, ends = getattr(raw, "start_ind", {}), getattr(raw, "end_ind", {})
        periods = [{"name": str(p), "start": max(0, int(starts[p]) - now), "end": max(0, int(ends[p]) - now)}
                   for p in starts if p in ends]
        return {"params": params(trial if isinstance(trial, Mapping) else {}), "periods": periods}


def neurogyms(env):
    """returns whether an environment is NeuroGym's, or made of one of its classes"""
    return any(c.__module__.startswith("neurogym.") for c in type(env).__mro__)


def exact(name, options, said):
    """returns why an episode is not decided by its seed and actions, or nothing, and how many steps showed it: it plays
    some episodes in two copies, of which one has played another before, for TRY_WITHIN at most"""
    two = [Lockstep(name, options, 1) for _ in range(2)]
    try:
        if getattr(getattr(two[0].envs[0], "spec", None), "nondeterministic", False):
            return "it was registered as nondeterministic", 0
        return differs(two, said)
    finally:
        for l in two:
            close(l)


def differs(two, said):
    """returns why two copies of an environment do not play the same episodes, or nothing, and how many steps of them
    were compared where time allowed no more, else 0"""
    import numpy as np
    draw = np.random.default_rng(1)
    began = time.monotonic()
    spent = lambda share: time.monotonic() - began > share * TRY_WITHIN
    two[0].reset(0, 3)
    for _ in range(20):
        two[0].step([int(draw.integers(len(said)))])
        if two[0].flags[0] & (TERMINATED | TRUNCATED):
            two[0].reset(0, 4)
        if spent(1 / 3):
            break
    compared = 0
    for seed in (5, 6, 7):
        for l in two:
            l.reset(0, seed)
        if two[0].seen.tobytes() != two[1].seen.tobytes():
            return DEPENDS, 0
        for a in draw.integers(len(said), size=30).tolist():
            for l in two:
                l.step([a])
            compared += 1
            if two[0].raw != two[1].raw:
                return DEPENDS, 0
            if spent(1):
                return "", compared
            if two[0].flags[0] & (TERMINATED | TRUNCATED):
                break
    return "", 0


def close(l):
    for e in l.envs:
        try:
            e.close()
        except Exception:
            pass


def json_of(action):
    """returns what JSON has of an action that an environment is given"""
    if isinstance(action, dict):
        return {str(k): json_of(part) for k, part in action.items()}
    if isinstance(action, tuple):
        return [json_of(part) for part in action]
    return action if isinstance(action, int) else action.tolist()


def hello(l, name, options, about):
    import gymnasium, numpy, platform
    from importlib import metadata
    e = l.envs[0]
    raw = getattr(e, "unwrapped", e)
    package = type(raw).__module__.partition(".")[0]
    try:
        version = metadata.version(package)
    except metadata.PackageNotFoundError:
        version = ""
    longest = getattr(getattr(e, "spec", None), "max_episode_steps", None) or getattr(raw, "max_episode_length", 0)
    trials = neurogyms(raw)
    if trials:
        longest = int(getattr(raw, "tmax", 0) / getattr(raw, "dt", 1)) if getattr(raw, "tmax", 0) else 0
    said = {
        "protocol": PROTOCOL, "python": platform.python_version(), "gymnasium": gymnasium.__version__,
        "numpy": numpy.__version__, "package": package, "package_version": version,
        "observation_space": str(e.observation_space), "action_space": str(e.action_space),
        "observations": l.names, "actions": l.action_names,
        "max_episode_steps": int(longest) if isinstance(longest, (int, float, numpy.integer)) and longest > 0 else 0,
        "dt": int(getattr(raw, "dt", 0)) if trials else 0, "trials": trials,
    }
    if l.mutable or l.said[0] != 0:                  # else an action is its number
        said["action_values"] = [json_of(a) for a in l.said]
    if about:
        said["not_exact"], said["exact_steps"] = exact(name, options, l.said)
    return said


def describe(asked):
    """writes a line for each of several environments: its description, or the error of its making"""
    for a in asked:
        try:
            l = Lockstep(a["name"], a["options"], 1)
            said = hello(l, a["name"], a["options"], True)
            close(l)
        except BaseException as e:
            said = {"error": last_line_first(e)}
        out.write(json.dumps(said).encode() + b"\n")


def list_environments(module):
    """writes a line for each environment that a package registers"""
    for name in registered(module):
        said = {"name": f"{module}:{name}"}
        try:
            l = Lockstep(said["name"], {}, 1)
            said["observations"], said["actions"] = l.size, len(l.action_names)
            close(l)
        except BaseException as e:
            said["error"] = f"{type(e).__name__}: {e}"
        out.write(json.dumps(said).encode() + b"\n")


def registered(module):
    """returns the names of the environments whose class lies in a package, and of those that it registers itself when
    it is imported, also of another's class; not of those that a package registers that it imports"""
    import importlib
    import gymnasium
    names, modules = set(gymnasium.registry), set(sys.modules)
    importlib.import_module(module)
    own = module.partition(".")[0]

    def belongs(name, spec):
        made = spec.entry_point if isinstance(spec.entry_point, str) else getattr(spec.entry_point, "__module__", "")
        made = (made or "").partition(":")[0]
        package = made.partition(".")[0]
        imported = package in sys.modules and package not in modules
        return f"{made}.".startswith(f"{module}.") or name not in names and (package == own or not imported)
    return sorted(name for name, spec in gymnasium.registry.items() if belongs(name, spec))


def last_line_first(error):
    """returns a traceback with the error itself, in one line, before the last calls that led to it, without this
    program's own and those of an import"""
    what = " ".join("".join(traceback.format_exception_only(error)).split())
    if len(what) > LONGEST_ERROR:
        what = what[:LONGEST_ERROR] + "..."
    calls = [c for c in traceback.extract_tb(error.__traceback__) if c.filename != OWN and "importlib" not in c.filename]
    return what + "\n" + "".join(traceback.format_list(calls[-MOST_CALLS:])).rstrip()


def wait_awake():
    """waits for input without sleep, but no longer than AWAKE, and not where others want the core for so long as
    GIVEN_AWAY: see awake_linux.go"""
    began = last = time.perf_counter()
    while ready and not ready.poll(0):
        os.sched_yield()
        now = time.perf_counter()
        if now - last > GIVEN_AWAY or now - began > AWAKE:
            return
        last = now


def main():
    threading.Thread(target=end_with_parent, daemon=True).start()
    q = json.loads(inp.readline())
    l = None

    def fail():
        try:
            sys.stdout.flush()
        except Exception:                            # an environment may have put anything there, or closed it
            pass
        said = {"error": last_line_first(sys.exc_info()[1])}
        if l is not None:
            said["environment"], what, number = l.doing
            said["doing"] = f"{what} {number}"
        return json.dumps(said).encode()

    try:
        sys.path.insert(0, os.getcwd())
        if q.get("list"):
            return list_environments(q["list"])
        if q.get("describe"):
            return describe(q["describe"])
        l = Lockstep(q["name"], q["options"], q["environments"])
        answer = json.dumps(hello(l, q["name"], q["options"], q["about"])).encode()
    except BaseException:
        answer = fail()
    out.write(answer + b"\n")
    if l is None:
        return
    head = struct.Struct("<BI")
    seed = struct.Struct("<IQ")
    number = struct.Struct("<I")
    all = [l]
    try:
        while True:
            wait_awake()
            h = inp.read(head.size)
            op, size = head.unpack(h) if len(h) == head.size else (None, 0)
            body = inp.read(size)
            if op is None or len(body) < size:
                for l in all:
                    close(l)
                return
            if op == STEP:
                l.step(l.actions.unpack(body))
            elif op == RESET:
                i, s = seed.unpack(body)
                l.reset(i, s)
            elif op == DESCRIBE:
                text = json.dumps(l.describe(*number.unpack(body))).encode()
                out.write(head.pack(TEXT, len(text)) + text)
                continue
            elif op == MAKE:
                l = None                             # for an error
                l = Lockstep(q["name"], q["options"], *number.unpack(body))
                all.append(l)
                out.write(head.pack(TEXT, 2) + b"{}")
                continue
            elif op == USE:
                l = all[number.unpack(body)[0]]
                continue
            else:
                raise RuntimeError(f"frame {op} is unknown")
            out.write(l.ok + l.raw)
    except BaseException:
        text = fail()
        out.write(head.pack(ERROR, len(text)) + text)


main()
