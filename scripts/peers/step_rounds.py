"""Measures the peers' train steps, for torch_step.py and jax_step.py."""
import statistics as st, sys

ROUNDS = "--rounds" in sys.argv
DEFAULTS = 64, 10, 32, 20, 3, 100  # H, T, B, I, A and the steps


def shape():
    """Returns H, T, B, I, A and the steps, as the command line gives them."""
    given = [int(argument) for argument in sys.argv[1:] if argument != "--rounds"]
    return *given, *DEFAULTS[len(given):]


def times(timed, steps):
    for _ in range(min(10, steps)):
        timed()
    return sorted(timed() for _ in range(steps))


def measure(variants, steps):
    """Measures (name, seconds of the first call, function that times a step in ms) and prints a line for each.

    With --rounds, for engram bench: lines "name first_call_s" and an empty one; then, for each line read, "name median_ms"
    of so many steps and an empty line.
    """
    if not ROUNDS:
        for name, first, timed in variants:
            ms = times(timed, steps)
            print(f"{name} {' '.join(f'{k}={v}' for k, v in zip('HTBI', shape()))} min={ms[0]:.3f} median={st.median(ms):.3f}"
                  f" p90={ms[int(steps * .9)]:.3f} first={first:.1f}s", flush=True)
        return
    for name, first, _ in variants:
        print(name, first)
    print(flush=True)
    for _ in sys.stdin:
        for name, _, timed in variants:
            print(name, st.median(times(timed, steps)))
        print(flush=True)
