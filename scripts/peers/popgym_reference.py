"""Measures what random actions earn in an episode of POPGym's environments, in POPGym itself, and prints it beside what
the paper's GRU earned: what 'engram suite table --references' reads.

usage: popgym_reference.py PLAN [EPISODES] > results/popgym/references.json      (default: 1,000 episodes, seed 0)

PLAN is a suite's plan, whose tasks are measured.

The paper's numbers (Morad et al., ICLR 2023, table 3) are transcribed from a public repository that has 24 of its 48
environments, so they stand as transcribed. They are MMER, the maximum over training of the mean return of an episode,
of PPO with a GRU of 256 units after 15,000,000 steps. POPGym repaired CountRecall and MineSweeper since, so that the
paper's numbers are of another environment there, and are left out.
"""
import json
import sys
import warnings

import gymnasium
import numpy as np
import popgym  # registers the environments

PAPER = {  # by POPGym's name of today: StatelessCartPole is PositionOnlyCartPole
    "AutoencodeEasy": -0.283, "AutoencodeMedium": -0.425, "AutoencodeHard": -0.456,
    "HigherLowerEasy": 0.529, "MultiarmedBanditEasy": 0.619,
    "PositionOnlyCartPoleEasy": 1.000, "NoisyPositionOnlyCartPoleEasy": 0.995,
    "RepeatFirstEasy": 1.000, "RepeatFirstMedium": 1.000, "RepeatFirstHard": 0.940,
    "RepeatPreviousEasy": 1.000, "RepeatPreviousMedium": -0.315, "RepeatPreviousHard": -0.428,
}


def random_return(name, episodes):
    """returns the mean return of episodes with random actions"""
    env = gymnasium.make(name, disable_env_checker=True)
    env.action_space.seed(0)
    returns = []
    for episode in range(episodes):
        env.reset(seed=episode)
        done, total = False, 0.0
        while not done:
            _, reward, terminated, truncated, _ = env.step(env.action_space.sample())
            total, done = total + float(reward), terminated or truncated
        returns.append(total)
    return round(float(np.mean(returns)), 4)


def main():
    warnings.filterwarnings("ignore")
    episodes = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    said = {"source": f"POPGym 1.0.7, {episodes} episodes of seed 0, scripts/peers/popgym_reference.py; paper: Morad et "
                      "al. 2023, table 3, as transcribed: GRU, PPO, 15,000,000 steps, the best of training",
            "policies": ["paper", "random"], "earns": {}}
    with open(sys.argv[1]) as plan:
        tasks = json.load(plan)["tasks"]
    for task in tasks:
        name = task.partition(":")[2]
        short = name.removeprefix("popgym-").removesuffix("-v0")
        said["earns"][task] = {"random": random_return(name, episodes)}
        if short in PAPER:
            said["earns"][task]["paper"] = PAPER[short]
        print(name, file=sys.stderr)
    print(json.dumps(said, indent=1))


main()
