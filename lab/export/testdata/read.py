"""Reads what 'engram export' wrote with the packages that it is for, and prints it as one JSON object."""

import math
import json
import pathlib
import sys

import numpy
import safetensors.numpy
from safetensors import safe_open
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def tensors(arrays):
    return {name: {"dtype": str(a.dtype), "shape": a.shape, "data": a.ravel().tolist()} for name, a in arrays.items()}


def events(folder):
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    accumulator.Reload()
    return {
        tag: [[e.step, e.wall_time, e.value] for e in accumulator.Scalars(tag)]
        for tag in accumulator.Tags()["scalars"]
    }


out = pathlib.Path(sys.argv[1])
with safe_open(out / "weights.safetensors", framework="numpy") as file:
    metadata = file.metadata()
print(json.dumps({
    "npz": tensors(numpy.load(out / "weights.npz", allow_pickle=False)),
    "safetensors": tensors(safetensors.numpy.load_file(out / "weights.safetensors")),
    "metadata": metadata,
    "tensorboard": {f.parent.name: events(f.parent) for f in (out / "tensorboard").rglob("events.out.tfevents.*")},
    "csv": {  # an empty cell is null
        f.stem: {"header": f.read_text().splitlines()[0].split(","),
                 "rows": [[None if math.isnan(x) else x for x in row] for row in numpy.genfromtxt(f, delimiter=",", skip_header=1, usecols=range(0 if f.stem != "evals" else 1, len(f.read_text().splitlines()[0].split(","))), ndmin=2).tolist()]}
        for f in out.glob("*.csv")
    },
}))
