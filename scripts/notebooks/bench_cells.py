"""Measures how long a cell takes, from being sent to its last output, once the kernel is warm.

usage: bench_cells.py [RUNS]      15 by default

Each run is a changed program, as after an edit of the cell, so that it is compiled and linked again. Prints a table of seconds.
The processor time of compiler, linker and cell shows what the median would be on an idle machine.
"""
import os
import pathlib
import statistics
import sys
import tempfile
import time

from jupyter_client.manager import start_new_kernel

IMPORTS = """%noautoget
import (
	"fmt"
{packages}
)

%%
{body}
"""

# What a cell does, the seconds that its median may take, the packages that it imports and its code; RUN is a changing number.
CELLS = [
    ("prints a line", None, [], 'fmt.Println("run", RUN)'),
    ("shows a chart", 0.5, ["engram/plots", "engram/plots/notebook"], """
fmt.Println("run", RUN)
notebook.Show(plots.Lines{Title: "A line", XLabel: "step", YLabel: "value",
	Series: []plots.Series{{Name: "run", X: []float64{1, 2, 3}, Y: []float64{RUN, 5, 4}}}})"""),
    ("computes a GoMLX graph", 1.0, ["engram/gobackend", "github.com/gomlx/gomlx/core/graph"], """
b, err := gobackend.Open()
if err != nil {
	panic(err)
}
sum, err := graph.CallOnce(b, func(x *graph.Node) *graph.Node { return graph.ReduceAllSum(graph.Mul(x, x)) }, []float64{RUN, 2, 3})
if err != nil {
	panic(err)
}
fmt.Println("run", RUN, sum.Value())"""),
    ("computes the TD loss of six windows", 1.0, ["engram/drqn", "engram/gobackend"], """
b, err := gobackend.Open()
if err != nil {
	panic(err)
}
c, _ := drqn.Preset("default")
c.Task, c.Hidden, c.Window, c.NStep = "GoNogo", 16, 18, 1
probe, err := drqn.NewProbe(b, c)
if err != nil {
	panic(err)
}
online, target := probe.Initial(RUN), probe.Initial(2)
windows, err := probe.Experience(online, 2000, 0)
if err != nil {
	panic(err)
}
batch, err := windows.NewBatch(6)
if err != nil {
	panic(err)
}
_, loss, err := probe.Terms(online, target, batch)
fmt.Println("run", RUN, loss, err)"""),
]


def seconds(client, source, run):
    """Executes a cell and returns the seconds until the kernel is idle; exits where the cell fails."""
    said = []
    start = time.monotonic()
    reply = client.execute_interactive(source, timeout=300, output_hook=said.append)
    took = time.monotonic() - start
    texts = [message["content"].get("text", "") for message in said]
    if reply["content"]["status"] != "ok" or not any(f"run {run}" in text for text in texts):
        raise SystemExit(f"bench_cells: a cell failed:\n{source}\n{reply['content']}\n{''.join(texts)}")
    return took


def processor_seconds(pid):
    """Returns the processor seconds of a process and of the children that it waited for."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    manager, client = start_new_kernel(kernel_name="gonb", cwd=tempfile.mkdtemp(prefix="engram-bench-"))
    print(f"{'seconds until a warm cell that ... has answered':50} {'first':>6} {'median':>6} {'min':>6} {'max':>6} {'processor':>9}  promised")
    try:
        for what, promised, packages, body in CELLS:
            source = IMPORTS.format(packages="\n".join(f'\t"{p}"' for p in packages), body=body)
            before = processor_seconds(manager.provisioner.pid)
            took = [seconds(client, source.replace("RUN", str(run)), run) for run in range(1, runs + 2)]
            warm = took[1:]
            computed = (processor_seconds(manager.provisioner.pid) - before) / len(took)
            print(f"{what:50} {took[0]:6.2f} {statistics.median(warm):6.2f} {min(warm):6.2f} {max(warm):6.2f} {computed:9.2f}  {promised or ''}", flush=True)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    main()
