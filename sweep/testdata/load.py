"""Carries out a study of 10,000 trials of a function with 8 worker processes, kills 20 of them at random moments, and prints
how long that took: the numbers of docs/cluster.md.

usage: python3 sweep/testdata/load.py ENGRAM [TRIALS]
"""

import glob
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ENGRAM, TRIALS, WORKERS, KILLS = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000, 8, 20


def peak_mb(pid):
    try:
        with open(f"/proc/{pid}/status") as file:
            return next(int(line.split()[1]) / 1000 for line in file if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return 0  # it has ended


def begun(folder):
    return len(os.listdir(folder + "/attempts"))


def status(folder):
    began = time.time()
    out = subprocess.run([ENGRAM, "sweep", "status", folder, "--json"], check=True, capture_output=True)
    return json.loads(out.stdout), time.time() - began


def main():
    rng, folder = random.Random(1), tempfile.mkdtemp(prefix="sweep-load-")
    with open(folder + ".json", "w") as file:
        json.dump({"goal": {"kind": "function", "function": "hartmann6", "steps": 3, "milliseconds": 5}, "sampler": {"kind": "tpe"}, "trials": TRIALS, "max_attempts": 50}, file)
    began = time.time()
    subprocess.run([ENGRAM, "sweep", "make", folder + ".json", "--out", folder + "/study"], check=True, capture_output=True)
    study = folder + "/study"
    run = subprocess.Popen([ENGRAM, "sweep", "resume", study, "--processes", "--workers", str(WORKERS), "--quiet"], stdout=subprocess.DEVNULL)
    kill_at = sorted(rng.randrange(TRIALS // 100, TRIALS * 19 // 20) for _ in range(KILLS))
    killed, memory = 0, 0
    while run.poll() is None:
        workers = [child for run_thread in glob.glob(f"/proc/{run.pid}/task/*/children") for child in map(int, open(run_thread).read().split())]
        memory = max([memory, *map(peak_mb, workers)])
        while workers and killed < KILLS and begun(study) >= kill_at[killed]:
            victim = workers.pop(rng.randrange(len(workers)))
            try:
                os.kill(victim, signal.SIGKILL)
                killed += 1
            except ProcessLookupError:
                pass
        time.sleep(0.1)
    took = time.time() - began
    end, seconds = status(study)
    lost = sum('"event":"end"' not in open(path).read() for path in glob.glob(study + "/attempts/*.jsonl"))
    suggestions = []
    for path in sorted(glob.glob(study + "/attempts/*-1.jsonl"))[-200:]:
        with open(path) as file:
            suggestions.append(json.loads(file.readline())["suggest_ms"])
    size = sum(os.path.getsize(path) for path in glob.glob(study + "/attempts/*"))
    print(f"exit {run.returncode}, {took:.0f} s, {killed} kills, {lost} of them during a trial, {end['attempts']} attempts at {end['trials']} trials, states {end['states']}")
    print(f"status {seconds:.2f} s; suggestions of the last 200 trials: median {statistics.median(suggestions):.1f} ms, largest {max(suggestions):.1f} ms")
    print(f"largest worker {memory:.0f} MB; attempts/ {size / 1e6:.1f} MB in {begun(study)} files")


if __name__ == "__main__":
    main()
