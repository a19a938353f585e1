"""One DRQN train step of an MPN Q-network in JAX (scan and unrolled): the time to beat.

usage: jax_step.py [H T B I A steps] [--rounds]   as in step_rounds.py
needs: scripts/env/python.sh reference
"""
import sys, time
import jax, jax.numpy as jnp, optax

from step_rounds import measure, shape

H, T, B, I, A, N = shape()
key, k = jax.random.PRNGKey(0), (6 / (I + H)) ** 0.5
params = dict(W=jax.random.uniform(key, (H, I), minval=-k, maxval=k), b=jnp.zeros(H), eta=jnp.array(0.1), lam=jnp.array(0.95),
              Wq=jax.random.normal(key, (A, H)) * 0.01, bq=jnp.zeros(A))
obs, act, rew = jax.random.normal(key, (B, T + 1, I)), jax.random.randint(key, (B, T), 0, A), jax.random.uniform(key, (B, T))
disc, valid = (jax.random.uniform(key, (B, T)) > 0.1) * 0.99, jnp.ones((B, T + 1)).at[:, :2].set(0)


def unroll(p, x, valid, scan):
    def cell(M, xv):
        xt, v = xv
        h = jnp.tanh(xt @ p["W"].T + p["b"] + jnp.einsum("bhi,bi->bh", p["W"] * M, xt))
        v = v[:, None, None]
        return M * (1 - v) + v * (p["lam"] * M + p["eta"] * h[:, :, None] * xt[:, None, :]), h

    M, xs = jnp.zeros((B, H, I)), (x.swapaxes(0, 1), valid.T)
    if scan:
        _, hs = jax.lax.scan(cell, M, xs)
    else:
        hs = []
        for t in range(T + 1):
            M, h = cell(M, (xs[0][t], xs[1][t]))
            hs.append(h)
        hs = jnp.stack(hs)
    return (hs @ p["Wq"].T + p["bq"]).swapaxes(0, 1)


opt = optax.chain(optax.clip_by_global_norm(10.0), optax.adam(2.5e-4))


def variant(name, scan):
    """Compiles a variant; returns its name, the seconds of its first call, and a function that times a step in ms."""
    def loss(p, tp):
        q, qt = unroll(p, obs, valid, scan), unroll(tp, obs, valid, scan)
        a = q[:, 1:].argmax(-1)
        y = jax.lax.stop_gradient(rew + disc * jnp.take_along_axis(qt[:, 1:], a[..., None], 2)[..., 0])
        e, v = optax.huber_loss(jnp.take_along_axis(q[:, :-1], act[..., None], 2)[..., 0], y), valid[:, :-1]
        return (e * v).sum() / v.sum()

    @jax.jit
    def step(p, tp, s):
        l, g = jax.value_and_grad(loss)(p, tp)
        u, s = opt.update(g, s)
        return optax.apply_updates(p, u), s, l

    p, s = params, opt.init(params)

    def timed():
        nonlocal p, s
        t = time.perf_counter()
        p, s, _ = jax.block_until_ready(step(p, params, s))
        return (time.perf_counter() - t) * 1e3

    return name, timed() / 1e3, timed


unrolled = [variant("jax-unrolled", False)] if T <= 100 else []  # it compiles for many minutes
measure([variant("jax-scan", True), *unrolled], N)
