"""Measures what three policies that need no training earn in NeuroGym's environments with discrete actions, in
NeuroGym itself: the ground truth that an environment states for each step; a guess, which acts when the ground truth
does but draws an action among those that it ever takes there; and random actions. An environment that states no ground
truth has only the last.

usage: neurogym_reference.py [TRIALS] > results/neurogym/references.json      (default: 1,000 trials, seed 0)

It prints what 'engram suite table --references' reads.
"""
import json
import sys
import warnings

import gymnasium
import neurogym  # registers the environments
import numpy as np

TRIALS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000


def truth(env):
    """Returns the action that NeuroGym calls right in the coming step, or None."""
    raw = env.unwrapped
    if not getattr(raw, "_has_gt", False):
        return None
    action = np.asarray(raw.gt_now)
    return int(action) if action.ndim == 0 else None


def play(env, policy):
    """Returns the mean reward of TRIALS whole trials."""
    env.seed(0)
    env.reset()
    rewards, current = [], 0.0
    whole = False                                    # the first trial began before the policy acted
    while len(rewards) < TRIALS:
        _, reward, _, _, info = env.step(policy(env))
        current += float(reward)
        if info["new_trial"]:
            if whole:
                rewards.append(current)
            current, whole = 0.0, True
    return round(float(np.mean(rewards)), 4)


def measure(name):
    """Returns what the policies earn in an environment."""
    make = lambda: gymnasium.make(name, disable_env_checker=True)
    outermost = lambda env: next(e for e in layers(env) if any("seed" in vars(c) for c in type(e).__mro__))
    draw = np.random.default_rng(0)
    actions = int(make().action_space.n)
    said = {"random": play(outermost(make()), lambda env: int(draw.integers(actions)))}
    taken = set()

    def right(env):
        action = truth(env)
        if action is None:
            raise LookupError
        taken.add(action)
        return action

    try:
        said["truth"] = play(outermost(make()), right)
    except LookupError:
        return said
    answers = sorted(taken - {0}) or [0]
    said["guess"] = play(outermost(make()), lambda env: int(draw.choice(answers)) if truth(env) else 0)
    return said


def layers(env):
    """Yields an environment and those that it wraps, from the outside."""
    while env is not None:
        yield env
        env = vars(env).get("env")


def main():
    warnings.filterwarnings("ignore")
    said = {"source": f"NeuroGym {neurogym.__version__}, {TRIALS} trials of seed 0, scripts/peers/neurogym_reference.py",
            "policies": ["truth", "guess", "random"], "earns": {}}
    for name, spec in sorted(gymnasium.registry.items()):
        if not str(spec.entry_point).startswith("neurogym."):
            continue
        try:
            if not isinstance(gymnasium.make(name, disable_env_checker=True).action_space, gymnasium.spaces.Discrete):
                continue
        except TypeError:                            # AnnubesEnv has arguments without a default
            continue
        said["earns"]["neurogym:" + name] = measure(name)
        print(name, file=sys.stderr)
    print(json.dumps(said, indent=1))


main()
