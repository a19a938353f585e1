"""registers environments, of its own and of others' classes, and imports a package that registers its own"""
import gymnasium
import popgym

gymnasium.register("Cart-v0", entry_point="gymnasium.envs.classic_control:CartPoleEnv")
gymnasium.register("own/Plain-v0", entry_point="testdata.odd:Plain")
gymnasium.register("own/Drifts-v0", entry_point="testdata.odd:Plain", nondeterministic=True)
