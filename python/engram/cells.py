"""One step of each recurrent cell, as engram's package mpn computes it.

A step takes the weights by name, the run's config, the input x [..., I] and the state [..., S], and returns the
activity h [..., H] and the state after the step. The leading axes are any: none for one environment, [N] for N.
"""
import numpy as np


def step(weights, config, x, state):
    """returns h and the next state of a cell of one layer or two"""
    if config.get("layers", 1) < 2:
        return _layer(weights, config, x, state)
    layers = [{k[2:]: v for k, v in weights.items() if k.startswith(p)} for p in ("1.", "2.")]
    first = state_size(layers[0], config)
    h, before = _layer(layers[0], config, x, state[..., :first])
    h, after = _layer(layers[1], config, h, state[..., first:])
    return h, np.concatenate([before, after], -1)


def state_size(weights, config):
    """returns S, the numbers of the state"""
    if config.get("layers", 1) > 1 and "1.W" in weights:
        return sum(state_size({"W": weights[p + "W"]}, config) for p in ("1.", "2."))
    hidden, inputs = config["hidden"], weights["W"].shape[1]
    return {"mpn": hidden * inputs, "frozen": 0, "rnn": hidden, "gru": hidden, "lstm": 2 * hidden}[config["cell"]]


def _layer(w, config, x, state):
    return _CELLS[config["cell"]](w, config, x, state)


def _mpn(w, config, x, state):
    """reads and writes M (Aitken & Mihalas, eLife 83035, eqs. 2 and 3), with engram's variants and gates"""
    m = state.reshape(state.shape[:-1] + w["W"].shape)
    effective = w["W"] + m if config.get("form") == "additive" else w["W"] * (1 + m)
    h = np.tanh(w["b"] + (effective @ x[..., None])[..., 0])
    decay = _over(w["lambda"], config.get("lambda_shape"))
    if "forget_w" in w:
        opened = _sigmoid(np.float32(config["forget_gain"]) * _affine(w["forget_w"], w["forget_b"], x))
        decay = decay * opened[..., :, None]
    kind = config.get("plasticity")
    post = np.ones_like(h) if kind == "presynaptic" else h
    pre = np.ones_like(x) if kind == "postsynaptic" else x
    m = decay * m + _over(w["eta"], config.get("eta_shape")) * (post[..., :, None] * pre[..., None, :])
    bound = config.get("memory_bound", 0)
    if bound:
        m = np.clip(m, np.float32(-bound), np.float32(bound))
    return h, m.reshape(state.shape)


def _over(parameter, shape):
    """returns eta or lambda so that it broadcasts over M [H, I]"""
    return parameter[:, None] if shape == "row" else parameter


def _frozen(w, config, x, state):
    return np.tanh(_affine(w["W"], w["b"], x)), state


def _rnn(w, config, x, h):
    h = np.tanh(_affine(w["W"], w["b"], x) + h @ w["U"].T)
    return h, h


def _gru(w, config, x, h):
    xr, xz, xn = np.split(_affine(w["W"], w["b"], x), 3, -1)
    hr, hz, hn = np.split(h @ w["U"].T, 3, -1)
    r, z = _sigmoid(xr + hr), _sigmoid(xz + hz)
    h = (1 - z) * np.tanh(xn + r * hn) + z * h
    return h, h


def _lstm(w, config, x, state):
    h, c = np.split(state, 2, -1)
    i, f, g, o = np.split(_affine(w["W"], w["b"], x) + h @ w["U"].T, 4, -1)
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    h = _sigmoid(o) * np.tanh(c)
    return h, np.concatenate([h, c], -1)


_CELLS = {"mpn": _mpn, "frozen": _frozen, "rnn": _rnn, "gru": _gru, "lstm": _lstm}


def _affine(w, b, x):
    return x @ w.T + b


def _sigmoid(x):
    """returns the logistic function, by tanh, which does not overflow"""
    return (np.tanh(x / 2) + 1) / 2


def values(weights, config, h):
    """returns the actions' values [..., A] that the head reads from h"""
    if "Wr" in weights:
        h = np.maximum(0, _affine(weights["Wr"], weights["br"], h))
    q = _affine(weights["Wq"], weights["bq"], h)
    if "Wv" in weights:  # dueling (Wang et al. 2016, eq. 9)
        q = _affine(weights["Wv"], weights["bv"], h) + q - q.mean(-1, keepdims=True)
    return q
