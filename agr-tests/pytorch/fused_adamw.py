"""Microseconds of a step of torch.optim.AdamW(fused=True), and of it with AGR's released lines.

Reads {"name": [length, ...]} from standard input and prints {"name": {"fused": us, "released": us}}.
CudaBench calls it.
"""
import json
import statistics
import sys

try:
    import torch
except ImportError:
    sys.exit("PyTorch is not installed for this python3")
if int(torch.__version__.split(".")[0]) < 2:
    sys.exit("PyTorch " + torch.__version__ + " has no fused AdamW, expected 2.0 or newer")
if not torch.cuda.is_available():
    sys.exit("this PyTorch sees no CUDA device")


def microseconds(step, runs, rounds=15):
    times = []
    for round_ in range(rounds + 3):
        start = torch.cuda.Event(enable_timing=True)
        end = torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(runs):
            step()
        end.record()
        end.synchronize()
        if round_ >= 3:
            times.append(1000 * start.elapsed_time(end) / runs)
    return statistics.median(times)


def measure(lengths):
    parameters = [torch.nn.Parameter(torch.full((n,), 1e-3, device="cuda")) for n in lengths]
    for p in parameters:
        p.grad = torch.full_like(p, 1e-3)
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, fused=True)

    def released():
        for p in parameters:
            alpha = torch.abs(p.grad) / torch.sum(torch.abs(p.grad))
            p.grad = p.grad * (1 - alpha)
        optimizer.step()

    runs = max(5, min(100, 100_000_000 // sum(lengths)))
    result = {"fused": microseconds(optimizer.step, runs)}
    result["released"] = microseconds(released, runs)
    return result


results = {"version": torch.__version__}
for name, lengths in json.load(sys.stdin).items():
    try:
        results[name] = measure(lengths)
    except torch.cuda.OutOfMemoryError:
        results[name] = {}
    torch.cuda.empty_cache()
print(json.dumps(results))
