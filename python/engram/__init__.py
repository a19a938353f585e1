"""Agents, results and tasks of engram in Python: docs/python.md of its clone.

load(run)   the agent of a run, in NumPy
read(path)  the numbers of a run, a suite, a study or a recording, as pandas frames
register()  engram's tasks for gymnasium.make; Env and VectorEnv are one of them, and N
"""
from .agents import Agent, Policy, load
from .results import Run, Study, Suite, read

__all__ = ["Agent", "Env", "Policy", "Run", "Study", "Suite", "VectorEnv", "load", "read", "register"]


def __getattr__(name):
    """imports Gymnasium for what needs it alone"""
    if name in ("Env", "VectorEnv", "register"):
        from . import tasks
        return getattr(tasks, name)
    raise AttributeError(f"module engram has no attribute {name!r}")
