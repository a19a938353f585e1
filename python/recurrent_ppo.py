"""Trains sb3-contrib's RecurrentPPO on engram's task GoNogo, in short trials, and fails where it has not learned: right
answers earn 0.5 a trial. Outside CI, because it needs PyTorch: in a clone,

    scripts/env/python.sh neurogym python/recurrent_ppo.py [PROGRAM]
"""
import pathlib
import sys

import numpy as np
import torch
from sb3_contrib import RecurrentPPO

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import engram

torch.set_num_threads(1)
SHORT = {"timing": {"stimulus": 200, "delay": 100, "decision": 100}}  # a cue, a pause, and an answer in one step
EPISODES = 100


def make():
    """returns the task; an episode is a trial"""
    return engram.Env("GoNogo", options=SHORT, episode="trial", engram=sys.argv[1] if len(sys.argv) > 1 else None)


def earned(model):
    """returns the mean reward of a trial over fresh trials, the model acting greedily"""
    env, returns = make(), []
    for episode in range(EPISODES):
        seen, _ = env.reset(seed=1000 + episode)
        state, done, total, first = None, False, 0.0, np.ones(1, bool)
        while not done:
            action, state = model.predict(seen, state=state, episode_start=first, deterministic=True)
            seen, reward, terminated, truncated, _ = env.step(int(action))
            total, done, first = total + reward, terminated or truncated, np.zeros(1, bool)
        returns.append(total)
    env.close()
    return float(np.mean(returns))


model = RecurrentPPO("MlpLstmPolicy", make(), n_steps=256, batch_size=64, n_epochs=4, learning_rate=3e-3, gamma=0.9,
                     ent_coef=0.01, seed=1, device="cpu", policy_kwargs={"lstm_hidden_size": 32, "net_arch": [32]})
before = earned(model)
model.learn(8_000)
after = earned(model)
print(f"RecurrentPPO on engram's GoNogo: {before:.3f} a trial before, {after:.3f} after 8,000 steps")
if after < 0.45:
    sys.exit("recurrent_ppo: it has not learned: 0.5 is right")
