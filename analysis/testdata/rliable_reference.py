"""Computes rliable.json: what the Python package rliable makes of a fixed matrix of scores.

    python3 -m venv /tmp/rlv
    /tmp/rlv/bin/pip install rliable==1.2.0 arch==7.2.0 numpy==2.4.6 scipy==1.17.1 'pandas<3'
    /tmp/rlv/bin/python analysis/testdata/rliable_reference.py

It takes minutes on the CPU. Pandas 3 is not used: arch 7.2.0 does not import beside it. The same versions write the
same bytes. The matrices x and y are [runs][tasks], drawn once by the seed below and rounded to two decimals, so that
scores tie with each other and with thresholds. They are written beside the results.

Point values and percentiles are exact. Intervals are percentile intervals over REPETITIONS resamples: their limits
have a Monte-Carlo error, which the Go test allows for.
"""

import importlib.metadata
import json
import pathlib
import platform

import numpy as np
from rliable import library, metrics

SEED = 11
RUNS, TASKS, RUNS_OF_Y = 10, 3, 8
REPETITIONS = 20_000
LEVEL = 0.95
GAMMA = 0.9  # a second threshold of the optimality gap beside 1
THRESHOLDS = [-0.1, 0.0, 0.25, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0, 1.2]


def draw(rng, means, runs):
    return np.round(rng.normal(means, 0.18, (runs, len(means))), 2)


def interval(scores, function):
    """Limits [2, values] of rliable's interval; scores is a matrix, or a list of two resampled independently."""
    np.random.seed(SEED)  # rliable 1.2.0 draws from NumPy's global generator, whatever its random_state
    _, limits = library.get_interval_estimates(
        {"x": scores}, function, method="percentile", reps=REPETITIONS, confidence_interval_size=LEVEL)
    return limits["x"].tolist()


def scalar_interval(scores, function):
    limits = interval(scores, lambda *args: np.array([function(*args)]))
    return [limits[0][0], limits[1][0]]


def profile(scores):
    """rliable's score_distributions (np.vectorize of run_score_deviation) in one array operation: faster."""
    return np.mean(scores[:, :, None] > np.array(THRESHOLDS), axis=(0, 1))


def check_inputs(x, y):
    """Refuses matrices in which a plausible mistake could hide."""
    assert (x > 1).any() and (x < 1).any(), "the optimality gap must clip some scores, not all"
    assert np.isin(x, THRESHOLDS).any(), "a score must equal a threshold: > is not >="
    assert any(np.isin(x[:, t], y[:, t]).any() for t in range(TASKS)), "a run of x must tie with one of y"
    assert x.size % 4 != 0, "a quarter of the scores must not be whole: it is rounded down"


def main():
    rng = np.random.default_rng(SEED)
    x, y = draw(rng, [0.55, 0.75, 0.93], RUNS), draw(rng, [0.5, 0.7, 0.7], RUNS_OF_Y)
    check_inputs(x, y)
    assert np.allclose(profile(x), library.score_distributions(x, THRESHOLDS), rtol=0, atol=1e-15)
    values = np.sort(rng.normal(size=23))
    result = {
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in ("rliable", "arch", "numpy", "scipy", "pandas")},
        "repetitions": REPETITIONS, "level": LEVEL, "gamma": GAMMA,
        "x": x.tolist(), "y": y.tolist(), "thresholds": THRESHOLDS,
        "points": {
            "iqm": metrics.aggregate_iqm(x),
            "median": metrics.aggregate_median(x),
            "mean": metrics.aggregate_mean(x),
            "optimality_gap": metrics.aggregate_optimality_gap(x),
            "optimality_gap_gamma": metrics.aggregate_optimality_gap(x, GAMMA),
            "probability_of_improvement": metrics.probability_of_improvement(x, y),
        },
        "profile": library.score_distributions(x, THRESHOLDS).tolist(),
        "intervals": {
            "iqm": scalar_interval(x, metrics.aggregate_iqm),
            "median": scalar_interval(x, metrics.aggregate_median),
            "mean": scalar_interval(x, metrics.aggregate_mean),
            "optimality_gap": scalar_interval(x, metrics.aggregate_optimality_gap),
            "iqm_first_task": scalar_interval(x[:, :1], metrics.aggregate_iqm),
            "probability_of_improvement": scalar_interval([x, y], metrics.probability_of_improvement),
        },
        "profile_intervals": interval(x, profile),
        "percentiles": {
            "values": values.tolist(),
            "of": [0, 2.5, 10, 50, 97.5, 100],
            "are": np.percentile(values, [0, 2.5, 10, 50, 97.5, 100]).tolist(),
        },
    }
    path = pathlib.Path(__file__).with_name("rliable.json")
    path.write_text(json.dumps(result, indent=1) + "\n")


main()
