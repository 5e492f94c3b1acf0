#!/usr/bin/env python3
"""Parameters that ACProp reaches under given gradients, for ACPropTest's golden numbers.

The steps of the authors' PyTorch class (juntang-zhuang/ACProp-Optimizer, arXiv 2110.05454) with
rectify=False, momentum_update=False, amsgrad=False, weight_decay=0, in that class's order: epsilon
joins the second moment just before its root is taken. Needs nothing but Python:

    python3 agr-tests/pytorch/acprop_trajectory.py
"""
import math

STEPS = 10
PRINTED = (1, 2, 3, 10)


def gradient(t, i):
    """Ordinary, small, large, always 0, at first 0, constant."""
    wave = math.sin(1.3 * t + 0.7 * i)
    return [wave, 1e-3 * wave, 1e2 * wave, 0.0, 0.0 if t < 3 else wave, 0.25][i]


def trajectory(lr, beta1, beta2, eps):
    theta = [0.5 - 0.2 * i for i in range(6)]
    exp_avg = [0.0] * 6
    exp_avg_var = [0.0] * 6
    for t in range(1, STEPS + 1):
        bias1 = 1 - beta1**t
        for i in range(6):
            g = gradient(t, i)
            exp_avg[i] = beta1 * exp_avg[i] + (1 - beta1) * g
            if t == 1:
                theta[i] -= lr * (exp_avg[i] / bias1)
            else:
                exp_avg_var[i] += eps
                bias2 = 1 - beta2 ** (t - 1)
                denom = math.sqrt(exp_avg_var[i]) / math.sqrt(bias2) + eps
                theta[i] -= lr / bias1 * ((g * bias1) / denom)
            residual = g - exp_avg[i]
            exp_avg_var[i] = beta2 * exp_avg_var[i] + (1 - beta2) * residual * residual
        if t in PRINTED:
            print(f"  {t}: " + ", ".join(repr(x) for x in theta))


for hyperparameters in ((1e-3, 0.9, 0.999, 1e-16), (0.02, 0.8, 0.95, 1e-8)):
    print("lr, beta1, beta2, eps =", hyperparameters)
    trajectory(*hyperparameters)
