"""Computes golden.json: losses, gradients and updates of the padded double-DQN loss, in PyTorch.

    scripts/env/python.sh reference drqn/testdata/golden.py        (or: make golden)

It needs torch==2.15.0 only, runs on the CPU in float64 and takes seconds. The same versions and seed
write the same bytes on the same machine type; elsewhere the last digits may differ.

Axes: B rows (windows), T transitions of a window, T+1 observations, O observation, I cell input, H hidden
units, A actions. Step t of a row: observation t, action t, the reward and flags of that action, and then
observation t+1.
"""

import json
import pathlib

import torch
from torch.nn import functional as F

SEED = 7
B, T, O, I, H, A = 4, 6, 3, 5, 7, 3
GAMMA, LEARNING_RATE = 0.97, 1e-3
MARGIN = 1e-3  # no case comes closer than this to a tie of the argmax or to the Huber loss's kink
GAIN = 3.0  # of the gates of the gated cell

torch.set_default_dtype(torch.float64)
torch.use_deterministic_algorithms(True)
torch.set_num_threads(1)


def draw_params(rng):
    """One network: W [H,I], b [H], eta, lambda, Wq [A,H], bq [A]; spread so that values differ clearly."""
    normal = lambda *shape: torch.randn(shape, generator=rng)
    return {
        "W": 0.8 * normal(H, I),
        "b": 0.3 * normal(H),
        "eta": torch.tensor(0.1) + 0.05 * normal(),
        "lambda": torch.tensor(0.9) + 0.02 * normal(),
        "Wq": 0.6 * normal(A, H),
        "bq": 0.2 * normal(A),
    }


def draw_gated(rng, rows):
    """A network whose decay of M has gates: F [rows,I] and f [rows] beside the others."""
    normal = lambda *shape: torch.randn(shape, generator=rng)
    return {**draw_params(rng), "forget_w": 0.4 * normal(rows, I), "forget_b": 0.5 + 0.2 * normal(rows)}


def draw_window(rng, padding, ends, start=None, burn_in=0, reward_scale=1.0):
    """A batch of windows: padding[b] zero steps in front; ends[b] is terminated, truncated or running.

    The loss mask leaves out the padded steps and, in each row, the first burn_in steps that are real.
    """
    step = torch.arange(T + 1)
    valid = step >= torch.tensor(padding)[:, None]  # [B,T+1]; observation T is always real
    last = torch.arange(T) == T - 1
    is_end = lambda kind: torch.tensor([end == kind for end in ends])[:, None] & last
    real = valid[:, :T]
    terminated = is_end("terminated")
    return {
        "observations": torch.randn(B, T + 1, O, generator=rng) * valid[:, :, None],
        "valid": valid,
        "actions": torch.randint(A, (B, T), generator=rng) * real,
        "rewards": reward_scale * torch.randn(B, T, generator=rng) * real,
        "terminated": terminated,
        "truncated": is_end("truncated"),
        "discounts": GAMMA * (real & ~terminated),
        "loss_mask": step[:T] >= torch.tensor(padding)[:, None] + burn_in,
        "start": torch.zeros(B, H, I) if start is None else start,
    }


def q_values(params, window, projection):
    """q [B,T+1,A] of a whole window, step by step from window["start"]; M stays as it was while padded."""
    W, b, eta, lam = (params[name] for name in ["W", "b", "eta", "lambda"])
    M, q = window["start"], []
    for t in range(T + 1):
        x = window["observations"][:, t] @ projection["W_rand"].T + projection["b_rand"]
        h = torch.tanh(b + torch.einsum("bhi,bi->bh", W * (1 + M), x))
        decay = lam
        if "forget_w" in params:  # [B,rows,1]; one row is for all of M
            decay = lam * torch.sigmoid(GAIN * (x @ params["forget_w"].T + params["forget_b"]))[:, :, None]
        written = decay * M + eta * h[:, :, None] * x[:, None, :]
        M = torch.where(window["valid"][:, t, None, None], written, M)
        q.append(h @ params["Wq"].T + params["bq"])
    return torch.stack(q, dim=1)


def at(q, actions):
    """q [B,T,A] at actions [B,T]: [B,T]."""
    return q.gather(2, actions[:, :, None]).squeeze(2)


def targets(q, q_target, window):
    """Double DQN: y_t = r_t + discount_t q'_{t+1}(argmax_a q_{t+1}(a)), [B,T]."""
    return window["rewards"] + window["discounts"] * at(q_target[:, 1:], q[:, 1:].argmax(dim=2))


def targets_off_by_one(q, q_target, window):
    """The first error: the action chosen at t+1 is evaluated at t+2 (at T where there is no later step)."""
    y = torch.empty(B, T)
    for row in range(B):
        for t in range(T):
            chosen = int(q[row, t + 1].argmax())
            late = min(t + 2, T)
            y[row, t] = window["rewards"][row, t] + window["discounts"][row, t] * q_target[row, late, chosen]
    return y


def targets_never_bootstrapping(q, q_target, window):
    """The second error: the last step of every window gets its reward only, as if it had terminated."""
    y = torch.empty(B, T)
    for row in range(B):
        for t in range(T):
            y[row, t] = window["rewards"][row, t]
            if t < T - 1:
                y[row, t] += window["discounts"][row, t] * q_target[row, t + 1, int(q[row, t + 1].argmax())]
    return y


def adam(params, grads, step, m, v):
    """One step of torch's Adam (beta1 0.9, beta2 0.999, eps 1e-8), the moments m and v being step steps old."""
    leaves = {name: params[name].clone().requires_grad_() for name in params}
    optimiser = torch.optim.Adam(leaves.values(), lr=LEARNING_RATE)
    for name, leaf in leaves.items():
        leaf.grad = grads[name].clone()
        optimiser.state[leaf] = {
            "step": torch.tensor(float(step)),
            "exp_avg": m[name].clone(),
            "exp_avg_sq": v[name].clone(),
        }
    optimiser.step()
    state = lambda key: {name: optimiser.state[leaf][key] for name, leaf in leaves.items()}
    return {
        "step": step,
        "m": m,
        "v": v,
        "params": {name: leaf.detach() for name, leaf in leaves.items()},
        "m_after": state("exp_avg"),
        "v_after": state("exp_avg_sq"),
    }


def updates(rng, params, clipped):
    """The first step of Adam, and a later one. The first hardly depends on the scale of the gradient
    (m/sqrt(v) is its sign), so only the later one shows whether it was clipped."""
    zero = {name: torch.zeros_like(params[name]) for name in params}
    m = {name: 0.05 * torch.randn(params[name].shape, generator=rng) for name in params}
    v = {name: 0.01 * torch.rand(params[name].shape, generator=rng) for name in params}
    return [adam(params, clipped, 0, zero, zero), adam(params, clipped, 5, m, v)]


def compute(rng, description, networks, window, targets=targets, max_norm=10.0):
    """One case: the window's values, loss, gradients and updates beside all their inputs."""
    online = {name: value.clone().requires_grad_() for name, value in networks["online"].items()}
    q = q_values(online, window, networks["projection"])
    with torch.no_grad():
        q_target = q_values(networks["target"], window, networks["projection"])
        y = targets(q, q_target, window)
    mask = window["loss_mask"]
    chosen = at(q[:, :T], window["actions"])
    loss = (mask * F.smooth_l1_loss(chosen, y, beta=1.0, reduction="none")).sum() / mask.sum()
    loss.backward()
    grads = {name: online[name].grad.clone() for name in online}
    norm = torch.nn.utils.clip_grad_norm_(online.values(), max_norm)  # scales by max_norm / (norm + 1e-6)
    clipped = {name: online[name].grad for name in online}
    td = mask * (chosen - y).detach()
    check(q.detach(), q_target, td, mask, norm, max_norm)
    return {
        "description": description,
        "max_norm": max_norm,
        **window,
        "q": q.detach(),
        "q_target": q_target,
        "targets": mask * y,
        "td_errors": td,
        "loss": loss.detach(),
        "grads": grads,
        "grad_norm": norm,
        "grads_clipped": clipped,
        "updates": updates(rng, networks["online"], clipped),
    }


def check(q, q_target, td, mask, norm, max_norm):
    """A case is worth having only where a plausible mistake would move it."""
    best = q.topk(2, dim=2).values
    assert (best[..., 0] - best[..., 1]).min() > MARGIN, "a near-tie of the argmax"
    assert ((td.abs() - 1).abs())[mask].min() > MARGIN, "a TD error at the Huber loss's kink"
    size = td.abs()[mask]
    assert (size < 1).any() and (size > 1).any(), "one branch of the Huber loss only"
    assert (q.argmax(2) != q_target.argmax(2)).any(), "both networks always choose the same action"
    assert norm < 0.9 * max_norm or norm > 2 * max_norm, "a gradient norm too close to the clip"


def cases(rng, networks):
    padding, ends = [2, 0, 3, 0], ["terminated", "truncated", "running", "terminated"]
    padded = draw_window(rng, padding, ends)
    stored = 0.4 * torch.randn(B, H, I, generator=rng)
    burn_in = draw_window(rng, [0, 1, 0, 0], ["running", "terminated", "truncated", "running"], stored, burn_in=2)
    scaled = draw_window(rng, padding, ends, reward_scale=5.0)
    return {
        "padded": compute(
            rng, "padding in front, rows that terminate, are truncated or run on, zero start", networks, padded),
        "burn_in": compute(
            rng, "stored start states; the first two real steps of each row give no loss", networks, burn_in),
        "clipped": compute(
            rng, "rewards 5 times as large, gradients clipped at a norm of 0.2", networks, scaled, max_norm=0.2),
        "off_by_one": compute(
            rng, "WRONG on purpose: window padded, bootstrapped from q' at t+2",
            networks, padded, targets_off_by_one),
        "never_bootstraps": compute(
            rng, "WRONG on purpose: window padded, the last step never bootstrapped",
            networks, padded, targets_never_bootstrapping),
    }


def gated(rng, projection, rows):
    """Networks with gates, and a case in which returns end with the trials of a session, in the middle of windows."""
    networks = {"projection": projection, "online": draw_gated(rng, rows), "target": draw_gated(rng, rows)}
    stored = 0.4 * torch.randn(B, H, I, generator=rng)
    window = draw_window(rng, [0, 2, 0, 1], ["running", "terminated", "truncated", "running"], stored, burn_in=1)
    window["ends_return"] = torch.arange(T) == torch.tensor([1, 3, 4, 2])[:, None]
    window["discounts"] = window["discounts"] * ~window["ends_return"]
    description = "stored start states; the discount is 0 at a trial's end within the window, and M goes on"
    return {"online": networks["online"], "target": networks["target"],
            "cases": {"trial_ends": compute(rng, description, networks, window)}}


def plain(value):
    """Tensors as (nested) lists of numbers; Python writes each float64 so that it reads back exactly."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, torch.Tensor) else value


def dump(value, depth):
    """JSON with a line for each array or group of numbers, so that a change shows in a diff."""
    if depth == 0 or not isinstance(value, dict) or not any(isinstance(item, (dict, list)) for item in value.values()):
        return json.dumps(value, separators=(",", ":"))
    fields = (f"{json.dumps(key)}: {dump(item, depth - 1)}" for key, item in value.items())
    return "{\n" + ",\n".join(fields) + "\n}"


def main():
    rng = torch.Generator().manual_seed(SEED)
    networks = {
        "projection": {
            "W_rand": torch.randn(I, O, generator=rng) / O**0.5,
            "b_rand": 0.5 * torch.randn(I, generator=rng),
        },
        "online": draw_params(rng),
        "target": draw_params(rng),
    }
    document = {
        "made_by": f"golden.py, torch {torch.__version__.split('+')[0]}, float64, CPU",
        "seed": SEED,
        "shapes": {"B": B, "T": T, "O": O, "I": I, "H": H, "A": A},
        "gamma": GAMMA,
        "huber_delta": 1.0,
        "adam": {"learning_rate": LEARNING_RATE, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
        **networks,
        "cases": cases(rng, networks),
        "gain": GAIN,
        "gated": {
            "scalar": gated(torch.Generator().manual_seed(SEED + 1), networks["projection"], 1),
            "row": gated(torch.Generator().manual_seed(SEED + 1), networks["projection"], H),
        },
    }
    path = pathlib.Path(__file__).with_name("golden.json")
    path.write_text(dump(plain(document), depth=3) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes, " + ", ".join(
        f"{name} {case['loss']:.6f} (norm {case['grad_norm']:.3f})" for name, case in document["cases"].items()))


main()
