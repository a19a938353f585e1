"""Agents that engram trained, in NumPy."""
import hashlib
import json
import os
import warnings

import numpy as np

from . import cells

_CELLS = ("mpn", "frozen", "rnn", "gru", "lstm")


def load(run, checkpoint="newest"):
    """returns the Policy of a run's checkpoint: "newest", "best" (the one that earned most when it was evaluated), or
    the number of an update. A damaged checkpoint is refused; for "newest" the one before it is taken, with a
    warning."""
    run = os.fspath(run)
    config = _json(os.path.join(run, "config.json"), f"{run} is no run directory: it has no config.json")
    if config.get("cell") not in _CELLS:
        raise ValueError(f"{run}: cell {config.get('cell')!r} is unknown: use a newer engram package")
    folder = os.path.join(run, "checkpoints")
    names = os.listdir(folder) if os.path.isdir(folder) else []
    updates = sorted((int(n) for n in names if n.isdecimal()), reverse=True)
    if not updates:
        raise ValueError(f"run {run} has no checkpoint yet: let it train on")
    if checkpoint == "best":
        updates = [_best(run, updates)]
    elif checkpoint != "newest":
        if checkpoint not in updates:
            raise ValueError(f"invalid checkpoint {checkpoint!r}: use newest, best or one of {updates[::-1]}")
        updates = [checkpoint]
    refused = []
    for update in updates:
        try:
            weights = _weights(run, update)
        except (OSError, ValueError, KeyError, TypeError) as error:
            refused.append(str(error))
            continue
        for why in refused:
            warnings.warn(f"{why}: the checkpoint of update {update} is used", stacklevel=2)
        return Policy(config, weights, update)
    raise ValueError("; ".join(refused))


def _json(path, missing=None):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (FileNotFoundError, NotADirectoryError):
        if missing is None:
            raise
        raise ValueError(missing) from None
    except ValueError as error:
        raise ValueError(f"{path} is not as it was written: {error}") from None


def _manifest(run, update):
    return _json(os.path.join(run, "checkpoints", str(update), "manifest.json"))


def _best(run, updates):
    """returns the update whose weights earned most in their evaluation, the newest of equal ones"""
    shares = {}
    for update in updates:
        try:
            share = _manifest(run, update).get("share_of_ceiling")
        except (OSError, ValueError):
            continue
        if share is not None:
            shares[update] = share
    if not shares:
        raise ValueError(f"run {run} has no checkpoint that was evaluated: use eval_every and checkpoint_every that "
                         "meet")
    return max(shares, key=lambda update: (shares[update], update))


def _weights(run, update):
    """returns the tensors of a checkpoint by name, after the sum of their file was checked"""
    path = os.path.join(run, "checkpoints", str(update), "weights.json")
    with open(path, "rb") as file:
        data = file.read()
    if hashlib.sha256(data).hexdigest() != _manifest(run, update)["sha256"]["weights.json"]:
        raise ValueError(f"{path} was cut or altered: its checksum is not the manifest's")
    return {t["name"]: np.array(t["data"], np.float32).reshape(t["shape"]) for t in json.loads(data)}


class Policy:
    """What an agent has learned: a recurrent network from observations to values of actions.

    config   the run's hyperparameters, as config.json has them
    weights  arrays of float32 by name
    update   the update of the weights
    inputs   numbers that the network reads a step: the observation, with pass_action the previous action, one-hot,
             and with pass_reward the previous reward
    actions  the number of actions
    """

    def __init__(self, config, weights, update=0):
        self.config, self.weights, self.update = config, weights, update
        self.actions = weights["Wq"].shape[0]
        first = weights.get("W_rand", weights.get("W", weights.get("1.W")))
        self.inputs = first.shape[1]
        self._state = cells.state_size(weights, config)

    def initial_state(self, *batch):
        """returns the state at the beginning of an episode: zeros [*batch, S]"""
        return np.zeros(batch + (self._state,), np.float32)

    def step(self, inputs, state):
        """returns the values of the actions [..., A] and the next state [..., S], given inputs [..., O]"""
        x = np.asarray(inputs, np.float32)
        if x.shape[-1:] != (self.inputs,):
            raise ValueError(f"inputs of shape {x.shape}: the agent reads {self.inputs} numbers a step")
        if "W_rand" in self.weights:
            x = x @ self.weights["W_rand"].T + self.weights["b_rand"]
        h, state = cells.step(self.weights, self.config, x, state)
        return cells.values(self.weights, self.config, h), state

    def agent(self, env=None):
        """returns an Agent that acts greedily, in an environment of Gymnasium's where one is given"""
        return Agent(self, env)


class Agent:
    """A Policy with the memory of an episode. It appends the previous action and reward, and scales observations, as
    the run's config says, and forgets where its episodes end."""

    def __init__(self, policy, env=None):
        self.policy, config = policy, policy.config
        self._scale = np.float32(config.get("observation_scale") or 1)
        self._action, self._reward = config.get("pass_action", False), config.get("pass_reward", False)
        self._per_trial = config.get("episode", "trial") == "trial"
        self._size = policy.inputs - policy.actions * self._action - self._reward
        self._flat, self._said = _spaces(env, self._size, policy.actions)
        self.reset()

    def reset(self):
        """begins an episode of the environment"""
        self.state = self.policy.initial_state()
        self._previous = np.zeros(self.policy.actions, np.float32)
        self._begins = True

    def act(self, observation, reward=0.0, new_trial=False):
        """returns the action of the highest value. observation is the environment's, reward what the last action
        earned, and new_trial says that the last action ended a trial, as NeuroGym's info["new_trial"] does."""
        if new_trial and self._per_trial:
            self.state = self.policy.initial_state()
        parts = [self._flat(observation) * self._scale]
        if self._action:
            parts.append(self._previous)
        if self._reward:
            parts.append(np.array([0 if self._begins else reward], np.float32))
        self.values, self.state = self.policy.step(np.concatenate(parts), self.state)
        action = int(np.argmax(self.values))
        self._begins, self._previous = False, np.zeros(self.policy.actions, np.float32)
        self._previous[action] = 1
        return self._said(action)

    def play(self, env, count=100, seed=0, limit=1_000_000):
        """returns what each of count trials earned, or each of count episodes where the environment names no trials
        (info["new_trial"]); limit bounds the steps"""
        if count < 1 or limit < 1:
            raise ValueError(f"invalid count {count} or limit {limit}: use 1 or more")
        earned, total, reward, new_trial = [], 0.0, 0.0, False
        observation, _ = env.reset(seed=seed)
        self.reset()
        for _ in range(limit):
            observation, reward, terminated, truncated, info = env.step(self.act(observation, reward, new_trial))
            total += float(reward)
            new_trial = bool(info.get("new_trial", False))
            if new_trial or ("new_trial" not in info and (terminated or truncated)):
                earned.append(total)
                total = 0.0
                if len(earned) == count:
                    return np.array(earned)
            if terminated or truncated:
                observation, _ = env.reset()
                self.reset()
                reward, new_trial, total = 0.0, False, 0.0
        raise ValueError(f"only {len(earned)} of {count} ended within {limit} steps: use a larger limit")


def _spaces(env, size, actions):
    """returns how an observation becomes numbers, and how an action is said to the environment"""
    if env is None:
        return lambda o: np.asarray(o, np.float32).ravel(), lambda a: a
    from gymnasium import spaces
    from gymnasium.spaces import utils
    seen, does = env.observation_space, env.action_space
    if utils.flatdim(seen) != size:
        raise ValueError(f"the agent reads {size} numbers of an observation, and {seen} has {utils.flatdim(seen)}")
    if isinstance(does, spaces.Discrete):
        count, start = int(does.n), int(does.start)
        said = lambda a: a + start
    elif isinstance(does, spaces.MultiDiscrete):
        count = int(np.prod(does.nvec))
        said = lambda a: np.array(np.unravel_index(a, does.nvec.ravel())).reshape(does.nvec.shape) + does.start
    else:
        raise TypeError(f"action space {does}: use Policy.step, or wrap the environment")
    if count != actions:
        raise ValueError(f"the agent chooses among {actions} actions, and {does} has {count}")
    return lambda o: np.asarray(utils.flatten(seen, o), np.float32).ravel(), said
