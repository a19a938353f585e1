"""Trains sb3-contrib's RecurrentPPO (an LSTM) in one of POPGym's environments for some minutes on one core, and prints
what it earns: the mean return of 100 fresh episodes, acting greedily, as an engram run's final result is, and the best
mean of any 100 episodes of training in a row, which is about what the paper's MMER is. As in the paper, the agent sees
its previous action.

    taskset -c 0 scripts/env/python.sh neurogym scripts/peers/popgym_ppo.py popgym-RepeatPreviousEasy-v0 --minutes 5
"""
import argparse
import time
import warnings

import gymnasium
import numpy as np
import popgym  # registers the environments
import torch
from gymnasium.spaces.utils import flatten, flatten_space
from sb3_contrib import RecurrentPPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv

EPISODES, ENVIRONMENTS = 100, 8


class WithAction(gymnasium.Wrapper):
    """Puts the previous action (all zero at a reset) and a mark of the first step beside the flat observation, which is
    what POPGym's Antialias wrapper tells an agent."""

    def __init__(self, env):
        super().__init__(env)
        self.seen = flatten_space(env.observation_space)
        self.acted = flatten_space(env.action_space).shape[0]
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (self.seen.shape[0] + self.acted + 1,), np.float32)

    def beside(self, observation, action=None):
        past = np.zeros(self.acted) if action is None else flatten(self.env.action_space, action)
        return np.concatenate([flatten(self.env.observation_space, observation), past, [action is None]]).astype(np.float32)

    def reset(self, **of):
        observation, info = self.env.reset(**of)
        return self.beside(observation), info

    def step(self, action):
        observation, *rest = self.env.step(action)
        return self.beside(observation, action), *rest


class Until(BaseCallback):
    """Ends training after some seconds, and keeps the best mean return of 100 episodes in a row."""

    def __init__(self, seconds):
        super().__init__()
        self.end, self.returns, self.best = time.monotonic() + seconds, [], -np.inf

    def _on_step(self):
        self.returns += [info["episode"]["r"] for info in self.locals["infos"] if "episode" in info]
        if len(self.returns) >= EPISODES:
            self.best = max(self.best, float(np.mean(self.returns[-EPISODES:])))
        return time.monotonic() < self.end


def earned(model, env):
    """returns the returns of fresh episodes, the model acting greedily"""
    returns = []
    for episode in range(EPISODES):
        seen, _ = env.reset(seed=10_000 + episode)
        state, done, total, first = None, False, 0.0, np.ones(1, bool)
        while not done:
            action, state = model.predict(seen, state=state, episode_start=first, deterministic=True)
            seen, reward, terminated, truncated, _ = env.step(action)
            total, done, first = total + float(reward), terminated or truncated, np.zeros(1, bool)
        returns.append(total)
    return np.array(returns)


def main():
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("name", help="POPGym's name, such as popgym-RepeatPreviousEasy-v0")
    ask.add_argument("--minutes", type=float, default=5, help="of training (default: %(default)s)")
    ask.add_argument("--seed", type=int, default=0)
    ask = ask.parse_args()

    def make():
        return Monitor(WithAction(gymnasium.make(ask.name, disable_env_checker=True)))

    model = RecurrentPPO("MlpLstmPolicy", DummyVecEnv([make] * ENVIRONMENTS), n_steps=128, batch_size=256, n_epochs=4,
                         learning_rate=1e-3, gamma=0.99, ent_coef=0.01, seed=ask.seed, device="cpu",
                         policy_kwargs={"lstm_hidden_size": 64, "net_arch": [64], "enable_critic_lstm": False,
                                        "shared_lstm": True})
    until = Until(60 * ask.minutes)
    model.learn(10**9, callback=until)
    returns = earned(model, make())
    print(f"{ask.name}: RecurrentPPO, {ask.minutes:g} minutes, {model.num_timesteps} steps, seed {ask.seed}: "
          f"{returns.mean():.3f} ± {returns.std():.3f} over {EPISODES} episodes, greedy; best {EPISODES} episodes of "
          f"training in a row {until.best:.3f}")


main()
