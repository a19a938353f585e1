"""Reads a submit file from standard input as HTCondor does, and prints how many jobs it queues and each command, expanded."""

import json
import sys

import htcondor2

submit = htcondor2.Submit(sys.stdin.read())
json.dump({"queue": int(submit.getQArgs()), "commands": {name: submit.expand(name) for name in submit}}, sys.stdout)
