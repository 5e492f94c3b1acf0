#!/usr/bin/env python3
"""Training speed and peak memory of AGR4J beside PyTorch, in turns, as a table of Markdown.

    python3 agr-tests/pytorch/beside_agr4j.py --peers DIR --blas LIB [--rounds 2] [NAME ...]

DIR has PyTorch's networks (cnn_speeds.py; convnext.py, swin.py, tinyvit.py, and what speeds.py imports), LIB is an
OpenBLAS built for OpenMP, without which PyTorch is up to three times slower on Debian:

    apt-get install python3-torch && apt-get download libopenblas0-openmp
    dpkg -x libopenblas0-openmp_*.deb ob        # LIB is .../openblas-openmp/libopenblas.so.0 in it

Each round runs both sides of a network one after the other, each in a process of its own, with all processors. CNNs
and the U-Net are run in PyTorch's two memory formats and the faster one counts. Figures are medians over rounds. Keep
the machine quiet; a round of all networks takes about twelve minutes.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys

# name: batch, side, PyTorch's network for 200 classes (None: one of cnn_speeds.py)
NETWORKS = {
    "resnet18": (64, 32, None),
    "vgg11": (64, 32, None),
    "resnet50": (32, 32, None),
    "resnet101": (16, 32, None),
    "convnext-t": (32, 64, "ConvNeXt()"),
    "swin-t": (32, 64, "Swin(image=64, window=4)"),
    "swin-s": (32, 64, "Swin(image=64, window=4, depths=(2, 2, 18, 2))"),
    "tinyvit-5m": (32, 64, "TinyViT(windows=(4, 4, 4, 2))"),
    "tinyvit-11m": (32, 64, "TinyViT(widths=(64, 128, 256, 448), heads=(2, 4, 8, 14), windows=(4, 4, 4, 2))"),
    "tinyvit-21m": (32, 64, "TinyViT(widths=(96, 192, 384, 576), heads=(3, 6, 12, 18), windows=(4, 4, 4, 2))"),
}

# name: batch, width, groups; PyTorch's in the faster of two memory formats as well
UNETS = {
    "ddpm-unet-128": (8, 128, 32),
    "ddpm-unet-32": (16, 32, 8),
}

DENOISING_STEPS = """
import statistics, time, torch
import ddpm_unet
torch.set_num_threads({threads})
torch.manual_seed(0)
net = ddpm_unet.UNet(width={width}, groups={groups})
x = torch.randn({batch}, 3, 32, 32)
if {channels_last}:
    net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
bars = ddpm_unet.alpha_bars(ddpm_unet.linear_betas()).float()
optimizer = torch.optim.AdamW(net.parameters(), 1e-4)
net.train()
seconds = []
for step in range({steps} + 3):
    start = time.perf_counter()
    optimizer.zero_grad()
    t, noise = torch.randint(1000, ({batch},)), torch.randn_like(x)
    torch.nn.functional.mse_loss(net(ddpm_unet.q_sample(x, t, noise, bars), t), noise).backward()
    optimizer.step()
    seconds.append(time.perf_counter() - start)
print(f"{{{batch} / statistics.median(seconds[3:]):.2f}} images/s")
"""

STEPS = """
import statistics, sys, time, torch
from convnext import ConvNeXt
from swin import Swin
from tinyvit import TinyViT
torch.set_num_threads({threads})
torch.manual_seed(0)
net = {network}
x, y = torch.randn({batch}, 3, {side}, {side}), torch.randint(200, ({batch},))
optimizer = torch.optim.AdamW(net.parameters(), 1e-4)
net.train()
seconds = []
for step in range({steps} + 3):
    start = time.perf_counter()
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()
    seconds.append(time.perf_counter() - start)
print(f"{{{batch} / statistics.median(seconds[3:]):.2f}} images/s")
"""


def torch_speed(command, peers, blas):
    """Images per second and peak bytes of a process."""
    environment = dict(os.environ, **({"LD_PRELOAD": blas} if blas else {}))
    process = subprocess.Popen(
        ["/usr/bin/python3", "-W", "ignore"] + command, cwd=peers, env=environment, stdout=subprocess.PIPE, text=True)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"PyTorch failed: {' '.join(command)[:200]}")
    return float(re.search(r"([\d.]+) images/s", out).group(1)), usage.ru_maxrss * 1024


def torch_best(name, batch, side, network, steps, args):
    if network is None:
        plain = ["cnn_speeds.py", name, str(batch), str(side), "100", str(steps)]
        runs = [torch_speed(plain, args.peers, args.blas), torch_speed(plain + ["channels_last"], args.peers, args.blas)]
        return max(runs)
    code = STEPS.format(threads=args.threads, network=network, batch=batch, side=side, steps=steps)
    return torch_speed(["-c", code], args.peers, args.blas)


def torch_unet(batch, width, groups, args):
    return max(
        torch_speed(
            ["-c", DENOISING_STEPS.format(
                threads=args.threads, width=width, groups=groups, batch=batch, channels_last=channels_last,
                steps=args.steps)],
            args.peers, args.blas)
        for channels_last in (False, True))


def agr_speed(options):
    out = subprocess.run(
        ["./agr", "bench", "training", "--rounds", "2", "--json"] + options, check=True, stdout=subprocess.PIPE,
        text=True).stdout
    result = json.loads(out[re.search(r"^[\[{]", out, re.MULTILINE).start():])
    return result[0] if isinstance(result, list) else result


def ours(name):
    if name in UNETS:
        batch, width, groups = UNETS[name]
        return agr_speed(
            ["--model", "ddpm-unet", "--batch-size", str(batch), "--width", str(width), "--groups", str(groups)])
    batch, side, _ = NETWORKS[name]
    return agr_speed(["--model", name, "--batch-size", str(batch), "--side", str(side)])


def peers(name, args):
    if name in UNETS:
        return torch_unet(*UNETS[name], args)
    batch, side, network = NETWORKS[name]
    return torch_best(name, batch, side, network, args.steps, args)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*NETWORKS, *UNETS]))
    parser.add_argument("--peers", required=True, help="folder with PyTorch's networks")
    parser.add_argument("--blas", help="library to preload into PyTorch")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=8, help="timed steps of PyTorch in a round")
    parser.add_argument(
        "--threads", type=int, default=os.cpu_count(), help="of PyTorch; AGR4J's are OMP_NUM_THREADS (default all)")
    args = parser.parse_args()
    print("| network | side | batch | AGR4J, images/s | PyTorch | ratio | GFLOP/s | of peak | memory, GB | PyTorch's | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name in args.names or [*NETWORKS, *UNETS]:
        batch, side = (UNETS[name][0], 32) if name in UNETS else NETWORKS[name][:2]
        agr, theirs = [], []
        for _ in range(args.rounds):
            agr.append(ours(name))
            theirs.append(peers(name, args))
        speeds = [o["imagesPerSecond"] for o in agr]
        ratio = statistics.median(s / t[0] for s, t in zip(speeds, theirs))
        memory = statistics.median(o["peakMemoryBytes"] for o in agr)
        peer_memory = statistics.median(t[1] for t in theirs)
        print(
            f"| {name} | {side} | {batch} | {', '.join(f'{s:.1f}' for s in speeds)} "
            f"| {', '.join(f'{t[0]:.1f}' for t in theirs)} | {ratio:.2f} "
            f"| {statistics.median(o['gflops'] for o in agr):.0f} "
            f"| {100 * statistics.median(o['shareOfMatmulPeak'] for o in agr):.0f}% "
            f"| {memory / 1e9:.2f} | {peer_memory / 1e9:.2f} | {memory / peer_memory:.2f} |", flush=True)


if __name__ == "__main__":
    main()
