#!/usr/bin/env python3
"""Training speed of ResNet-18 in PyTorch, to compare AGR4J with.

The network, batch and optimizer of `./agr bench training`: ResNet-18 for 32x32 images (3x3 stem,
no pooling after it, widths 64 to 512, 1x1 convolution and batch norm on the shortcut where the
size changes), 100 classes, AdamW with decay 1e-2, synthetic images that stay in memory. On Debian:

    apt-get install python3-torch
    /usr/bin/python3 agr-tests/pytorch/resnet18_training.py --batch 64
"""
import argparse
import os
import statistics
import time

import torch
from torch import nn


class Block(nn.Module):
    """Two 3x3 convolutions and the way around them."""

    def __init__(self, channels_in, channels, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels),
        )
        if stride == 1:
            self.shortcut = nn.Identity()
        else:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet18(width, classes):
    layers = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
    channels_in = width
    for stage in range(4):
        channels = width << stage
        layers.append(Block(channels_in, channels, 1 if stage == 0 else 2))
        layers.append(Block(channels, channels, 1))
        channels_in = channels
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels_in, classes)]
    return nn.Sequential(*layers)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=10, help="measured steps, after 3 to warm up")
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--classes", type=int, default=100)
    # Debian's PyTorch takes one thread on some virtual machines unless it is told.
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--channels-last", action="store_true", help="NHWC, PyTorch's other layout")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    torch.manual_seed(1)
    images = torch.randn(options.batch, 3, 32, 32)
    labels = torch.randint(options.classes, (options.batch,))
    network = resnet18(options.width, options.classes)
    if options.channels_last:
        images = images.to(memory_format=torch.channels_last)
        network = network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-2)
    loss_function = nn.CrossEntropyLoss()

    seconds = []
    for step in range(-3, options.steps):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss = loss_function(network(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()
        if step >= 0:
            seconds.append(time.perf_counter() - start)
    parameters = sum(p.numel() for p in network.parameters())
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads, ResNet-18 with "
          f"{parameters:,} parameters, batch {options.batch}: "
          f"median {options.batch / statistics.median(seconds):.1f} images/s, "
          f"best {options.batch / min(seconds):.1f}")


if __name__ == "__main__":
    main()
