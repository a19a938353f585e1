"""Computes neural.json: what scikit-learn, SciPy and NumPy make of fixed numbers.

    python3 -m venv /tmp/neural
    /tmp/neural/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
    /tmp/neural/bin/python analysis/neural/testdata/neural_reference.py

The same versions write the same numbers, to rounding. Inputs are drawn once by the seed below, rounded, and written
beside the results. The folds of the decoder are written, too: Go deals them out with another generator.
"""

import json
import pathlib

import numpy as np
import scipy.optimize
import scipy.spatial
import scipy.stats
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, RidgeClassifier
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold

rng = np.random.default_rng(3)


def draw(*shape):
    return np.round(rng.normal(size=shape), 3)


def pca(x):
    p = PCA(svd_solver="full").fit(x)
    keep = p.explained_variance_ > 1e-12
    v = p.explained_variance_[keep]
    return {"x": x, "mean": p.mean_, "components": p.components_[keep], "variances": v,
            "explained": p.explained_variance_ratio_[keep], "projected": p.transform(x)[:, keep],
            "participation": v.sum() ** 2 / (v ** 2).sum()}


def decoding(labels, steps, size):
    n = len(labels)
    means = draw(labels.max() + 1, size)
    x = np.round(np.stack([draw(n, size) + (0.3 + 0.3 * t) * means[labels] for t in range(steps)]), 3)
    fold = np.zeros(n, int)
    accuracy = np.zeros((steps, steps))
    for k, (train, test) in enumerate(StratifiedKFold(4, shuffle=True, random_state=0).split(x[0], labels)):
        fold[test] = k
        for t in range(steps):
            readout = RidgeClassifier(alpha=0.7).fit(x[t][train], labels[train])
            for u in range(steps):
                accuracy[t, u] += (readout.predict(x[u][test]) == labels[test]).sum() / n
    return {"x": x, "labels": labels, "fold": fold, "ridge": 0.7, "accuracy": accuracy}


def unit(p, q):
    """Every root of h = tanh(p + q h), by Brent's method between points of a fine grid."""
    f = lambda h: h - np.tanh(p + q * h)
    grid = np.linspace(-1.0000001, 1.0000001, 4001)
    return [scipy.optimize.brentq(f, a, b, xtol=1e-15) for a, b in zip(grid, grid[1:]) if f(a) * f(b) < 0]


def plastic(hidden, inputs, shape):
    w, b, x = 3 * draw(hidden, inputs), 0.2 * draw(hidden), draw(inputs)
    eta = np.full((hidden, inputs), 0.25)
    lam = {"scalar": np.full((hidden, inputs), 0.9), "column": np.broadcast_to(0.9 + 0.05 * np.sin(np.arange(inputs)), (hidden, inputs))}[shape]
    p, q = b + w @ x, (w * x ** 2 * eta / (1 - lam)).sum(axis=1)
    roots = [unit(*pq) for pq in zip(p, q)]
    radius = [[float(np.abs(np.linalg.eigvals(np.diag(lam[i]) + (1 - h * h) * np.outer(eta[i] * x, w[i] * x))).max())
               for h in roots[i]] for i in range(hidden)]
    return {"w": w, "b": b, "x": x, "eta": eta, "lambda": lam, "roots": roots, "radius": radius}


def gru(hidden, inputs):
    w, u, b, x = draw(3 * hidden, inputs), 0.7 * draw(3 * hidden, hidden), draw(3 * hidden), draw(inputs)
    sigmoid = lambda a: 1 / (1 + np.exp(-a))

    def step(h):
        d, r = w @ x + b, u @ h
        rr, z = sigmoid(d[:hidden] + r[:hidden]), sigmoid(d[hidden:2 * hidden] + r[hidden:2 * hidden])
        n = np.tanh(d[2 * hidden:] + rr * r[2 * hidden:])
        return (1 - z) * n + z * h

    start = 0.5 * draw(hidden)
    point = scipy.optimize.root(lambda h: step(h) - h, start, tol=1e-13)
    assert point.success
    jac = scipy.optimize.approx_fprime(point.x, step, 1e-7)
    return {"w": w.ravel(), "u": u.ravel(), "b": b, "x": x, "start": start, "after": step(start), "point": point.x,
            "radius": float(np.abs(np.linalg.eigvals(jac)).max())}


def r2(x, y):
    return {"x": x, "y": y, "r2": LinearRegression().fit(x, y).score(x, y)}


def explained(x, y):
    predicted = LinearRegression().fit(x, y).predict(x)
    return {"x": x, "y": y, "share": r2_score(y, predicted, multioutput="variance_weighted")}


def selective(values, labels):
    groups = [values[labels == c] for c in np.unique(labels)]
    f = scipy.stats.f_oneway(*groups).statistic
    between, within = len(groups) - 1, len(values) - len(groups)
    return {"values": values, "labels": labels, "f": f, "share": f * between / (f * between + within)}


def alignment(v, readout):
    return {"v": v, "readout": readout, "alignment": np.mean([abs(1 - scipy.spatial.distance.cosine(v, r)) for r in readout])}


def beside(*blocks):
    return {"blocks": blocks, "joined": np.concatenate([b / np.sqrt(b.var(axis=0).sum()) for b in blocks], axis=1)}


def hoyer(x):
    root = np.sqrt(x.size)
    return (root - np.abs(x).sum() / np.sqrt((x ** 2).sum())) / (root - 1)


dependent = draw(30, 3)
dependent = np.round(np.column_stack([dependent, dependent @ [1, 2, -1], np.ones(30)]), 6)
values, has = np.round(draw(40), 1), rng.integers(0, 2, 40).astype(bool)
low_rank = draw(6, 2) @ draw(2, 9)
result = {
    "tall": pca(draw(30, 5) @ draw(5, 5)),
    "wide": pca(draw(8, 3) @ draw(3, 40) + 0.01 * draw(8, 40)),
    "two": decoding(np.tile([0, 1, 1], 14), 4, 5),
    "three": decoding(np.tile([0, 1, 2], 16), 3, 6),
    "r2": [r2(draw(25, 4), draw(25)), r2(dependent, draw(30))],
    "roc": {"values": values, "has": has, "area": roc_auc_score(has, values)},
    "rank": {"m": low_rank, "rank": int(np.linalg.matrix_rank(low_rank)), "sparsity": hoyer(low_rank)},
    "wilson": [[k, n, *scipy.stats.binomtest(k, n).proportion_ci(method="wilson")] for k, n in
               [(0, 7), (5, 10), (997, 1000), (3, 3)]],
    "plastic": [plastic(8, 5, "scalar"), plastic(8, 4, "column")],
    "gru": gru(5, 3),
    "explained": [explained(draw(25, 4), draw(25, 6)), explained(dependent, draw(30, 3))],
    "selective": [selective(draw(20), np.tile([0, 1], 10)), selective(draw(21) + np.tile([0, 1, 3], 7), np.tile([0, 1, 2], 7))],
    "alignment": [alignment(draw(8), draw(2, 8)), alignment(draw(5), draw(3, 5))],
    "beside": beside(draw(7, 3), 40 * draw(7, 2)),
}

path = pathlib.Path(__file__).parent / "neural.json"
path.write_text(json.dumps(result, default=lambda a: a.tolist(), indent=None, separators=(",", ":")) + "\n")
