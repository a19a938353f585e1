"""Agents, results and tasks of engram in Python: docs/python.md of its clone.

load(run)   the agent of a run, in NumPy
read(path)  the numbers of a run, a suite, a study or a recording, as pandas frames
"""
from .agents import Agent, Policy, load
from .results import Run, Study, Suite, read

__all__ = ["Agent", "Policy", "Run", "Study", "Suite", "load", "read"]
