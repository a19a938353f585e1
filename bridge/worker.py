"""engram's worker: Gymnasium environments behind frames on stdin and stdout. engram starts it; see bridge/doc.go.

Only gymnasium and numpy are needed. It keeps no randomness of its own: every reset has a seed from engram. It loads no
pickle and writes no file.
"""
import json, os, signal, struct, sys, threading, time, traceback

for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # they are engram's, which writes a checkpoint first and
    signal.signal(stop, signal.SIG_IGN)                        # then ends this process by the end of its stdin
out = os.fdopen(os.dup(1), "wb", buffering=0)    # frames
os.dup2(2, 1)                                    # what an environment prints goes to stderr
inp = os.fdopen(os.dup(0), "rb", buffering=1 << 16)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)     # an environment that reads stdin gets nothing

PROTOCOL = 1
MOST_ACTIONS = 1024
RESET, STEP = 0, 1
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
    sys.path.insert(0, os.getcwd())
    found = importlib.import_module(module)
    if module != "gymnasium" and callable(getattr(found, rest, None)):
        env = getattr(found, rest)(**options)
        if not hasattr(env, "reset") or not hasattr(env, "step"):
            raise TypeError(f"{name} returned {type(env).__name__}, which is no environment: it has no reset and step")
        return env
    return gymnasium.make(rest, disable_env_checker=True, **options)


def actions_of(space):
    """returns the names of the actions and, by number, how each is said to the environment"""
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


def flattener(space):
    """returns a function that writes an observation, flat as Gymnasium makes it, into an array of float32"""
    from gymnasium import spaces
    from gymnasium.spaces import utils
    import numpy as np
    try:
        size = utils.flatdim(space)
    except (AttributeError, NotImplementedError, ValueError):
        raise TypeError(f"observation space {space} has no fixed number of numbers: wrap the environment, such as in "
                        f"gymnasium.wrappers.TransformObservation") from None

    def checked(values, into):
        if values.shape != into.shape:
            raise ValueError(f"an observation of {values.size} numbers, where the space {space} has {size}")
        into[:] = values

    if isinstance(space, spaces.Box):
        return lambda o, into: checked(np.asarray(o, np.float32).ravel(), into)
    if isinstance(space, spaces.Discrete):
        start, n = int(space.start), int(space.n)

        def one(o, into):
            i = int(o) - start
            if not 0 <= i < n:
                raise ValueError(f"observation {o} is outside of the space {space}")
            into[:] = 0
            into[i] = 1
        return one
    if isinstance(space, spaces.MultiDiscrete) and not np.any(getattr(space, "start", 0)):
        nvec = space.nvec.ravel()
        first = np.concatenate([[0], np.cumsum(nvec)[:-1]])

        def several(o, into):
            i = np.asarray(o).ravel()
            if i.shape != nvec.shape or (i < 0).any() or (i >= nvec).any():
                raise ValueError(f"observation {o} is outside of the space {space}")
            into[:] = 0
            into[first + i] = 1
        return several
    return lambda o, into: checked(np.asarray(utils.flatten(space, o), np.float32).ravel(), into)


def observation_names(space, size, prefix=""):
    """returns the names of the numbers of an observation: keys of a Dict, NeuroGym's names, or places"""
    from gymnasium import spaces
    from gymnasium.spaces import utils
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        parts = space.spaces.items() if isinstance(space, spaces.Dict) else enumerate(space.spaces)
        return [n for k, s in parts for n in observation_names(s, utils.flatdim(s), f"{prefix}{k}.")]
    names = [f"{prefix}{i}" if prefix else f"o{i}" for i in range(size)]
    named = getattr(space, "name", None)
    if isinstance(named, dict):
        for key, value in named.items():
            several = not isinstance(value, int)
            for k, i in enumerate(list(value) if several else [value]):
                if 0 <= int(i) < size:
                    names[int(i)] = f"{key} {k + 1}" if several else str(key)
    return names


def begun(reset):
    """returns the observation of what a reset returned"""
    if not isinstance(reset, tuple) or len(reset) != 2:
        raise TypeError("reset returned no pair of observation and info, as Gymnasium has it since 0.26: wrap the "
                        "environment")
    return reset[0]


class Lockstep:
    """N environments that step together"""

    def __init__(self, name, options, n):
        import numpy as np
        self.envs = [make(name, options) for _ in range(n)]
        e = self.envs[0]
        self.action_names, self.said = actions_of(e.action_space)
        self.flat = flattener(e.observation_space)
        from gymnasium.spaces import utils
        self.n, self.size = n, utils.flatdim(e.observation_space)
        self.raw = bytearray(4 * n * self.size + 4 * n + 4 * n + n)
        take = lambda dtype, count, at: np.frombuffer(self.raw, dtype, count, at)
        self.seen = take("<f4", n * self.size, 0).reshape(n, self.size)
        self.reward = take("<f4", n, 4 * n * self.size)
        self.truth = take("<i4", n, 4 * n * self.size + 4 * n)
        self.flags = take("u1", n, 4 * n * self.size + 8 * n)
        self.doing = (0, "reset", 0)

    def reset(self, i, seed):
        """begins an episode. NeuroGym draws from generators of its own: the outermost wrapper with a method seed seeds
        those below it, and another reset draws with them"""
        self.doing = (i, "reset", seed)
        o = begun(self.envs[i].reset(seed=seed))
        e = self.envs[i]
        while e is not None:
            if any("seed" in vars(c) for c in type(e).__mro__):
                e.seed(seed)
                o = begun(self.envs[i].reset())
                break
            e = vars(e).get("env")
        self.flat(o, self.seen[i])

    def step(self, actions):
        for i, e in enumerate(self.envs):
            if actions[i] < 0:                       # not asked
                continue
            self.doing = (i, "action", actions[i])
            stepped = e.step(self.said[actions[i]])
            if len(stepped) != 5:
                raise TypeError(f"step returned {len(stepped)} values, where Gymnasium has 5 since 0.26 (observation, "
                                f"reward, terminated, truncated, info): wrap the environment")
            o, r, terminated, truncated, info = stepped
            info = info or {}
            f = (TERMINATED if terminated else 0) | (TRUNCATED if truncated else 0)
            if "new_trial" in info and info["new_trial"]:
                f |= TRIAL_END
            if info.get("performance"):
                f |= CORRECT
            truth = info.get("gt")
            if truth is not None and getattr(truth, "ndim", 0) == 0 and 0 <= truth < len(self.said):
                f |= HAS_TRUTH
                self.truth[i] = truth
            try:
                if r is None:                        # NumPy takes it for NaN
                    raise TypeError
                self.reward[i] = r
            except (TypeError, ValueError):
                raise TypeError(f"reward {r!r} is no number") from None
            self.flags[i] = f
            self.flat(o, self.seen[i])


def exact(name, options, said, flat, size):
    """returns why an episode is not decided by its seed and actions, or nothing: it plays some in two copies, of which
    one has played another before"""
    import numpy as np
    two = [Lockstep(name, options, 1) for _ in range(2)]
    draw = np.random.default_rng(1)
    two[0].reset(0, 3)
    for _ in range(20):
        two[0].step([int(draw.integers(len(said)))])
        if two[0].flags[0] & (TERMINATED | TRUNCATED):
            two[0].reset(0, 4)
    for seed in (5, 6, 7):
        actions = draw.integers(len(said), size=30).tolist()
        played = []
        for l in two:
            l.reset(0, seed)
            episode = [bytes(l.seen)]
            for a in actions:
                l.step([a])
                episode.append(bytes(l.raw))
                if l.flags[0] & (TERMINATED | TRUNCATED):
                    break
            played.append(episode)
        if played[0] != played[1]:
            return "its episodes depend on more than their seeds and actions"
    for l in two:
        close(l)
    return ""


def close(l):
    for e in l.envs:
        try:
            e.close()
        except Exception:
            pass


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
    trials = any(c.__module__.startswith("neurogym.") for c in type(raw).__mro__)
    if trials:
        longest = int(getattr(raw, "tmax", 0) / getattr(raw, "dt", 1)) if getattr(raw, "tmax", 0) else 0
    said = {
        "protocol": PROTOCOL, "python": platform.python_version(), "gymnasium": gymnasium.__version__,
        "numpy": numpy.__version__, "package": package, "package_version": version,
        "observation_space": str(e.observation_space), "action_space": str(e.action_space),
        "observations": observation_names(e.observation_space, l.size), "actions": l.action_names,
        "max_episode_steps": int(longest) if isinstance(longest, (int, float, numpy.integer)) and longest > 0 else 0,
        "dt": int(getattr(raw, "dt", 0)) if trials else 0, "trials": trials,
    }
    if about:
        said["not_exact"] = exact(name, options, l.said, l.flat, l.size)
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
    import importlib
    import gymnasium
    importlib.import_module(module)
    for name, spec in sorted(gymnasium.registry.items()):
        origin = spec.entry_point if isinstance(spec.entry_point, str) else getattr(spec.entry_point, "__module__", "")
        if origin.partition(":")[0].partition(".")[0] != module:
            continue
        said = {"name": f"{module}:{name}"}
        try:
            l = Lockstep(said["name"], {}, 1)
            said["observations"], said["actions"] = l.size, len(l.action_names)
            close(l)
        except BaseException as e:
            said["error"] = f"{type(e).__name__}: {e}"
        out.write(json.dumps(said).encode() + b"\n")


def last_line_first(error):
    """returns a traceback with the error itself, in one line, before the calls that led to it"""
    what = " ".join("".join(traceback.format_exception_only(error)).split())
    return what + "\n" + "".join(traceback.format_tb(error.__traceback__)).rstrip()


def main():
    threading.Thread(target=end_with_parent, daemon=True).start()
    q = json.loads(inp.readline())
    l = None

    def fail():
        said = {"error": last_line_first(sys.exc_info()[1])}
        if l is not None:
            said["environment"], what, number = l.doing
            said["doing"] = f"{what} {number}"
        return json.dumps(said).encode()

    try:
        import warnings
        warnings.filterwarnings("ignore")
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
    actions = struct.Struct(f"<{l.n}i")
    seed = struct.Struct("<IQ")
    ok = b"\0" + struct.pack("<I", len(l.raw))
    try:
        while True:
            h = inp.read(head.size)
            if len(h) < head.size:
                return close(l)
            op, size = head.unpack(h)
            body = inp.read(size)
            if len(body) < size:
                return close(l)
            if op == STEP:
                l.step(actions.unpack(body))
            elif op == RESET:
                i, s = seed.unpack(body)
                l.reset(i, s)
            else:
                raise RuntimeError(f"frame {op} is unknown")
            out.write(ok + l.raw)
    except BaseException:
        text = fail()
        out.write(b"\1" + struct.pack("<I", len(text)) + text)


main()
