package org.agr4j.stats;

import java.io.Serializable;
import org.agr4j.TensorRole;

/**
 * What Ψ(g) = g − g·|g|/‖g‖₁ would do to one tensor's gradients g in one epoch, averaged over the
 * sampled steps. A value is NaN if a sampled gradient held a NaN or an infinity.
 *
 * @param epoch the epoch, 1 for a network's first
 * @param tensor layer and parameter, as in {@code "conv1/W"}
 * @param role its kind; null in what was written before kinds were recorded
 * @param elements number of elements
 * @param relativeChange mean of ‖Ψ(g) − g‖₂ / ‖g‖₂, from 0 to 1; 0 for a gradient of zeros and for
 *     a single element, which Ψ leaves alone
 * @param maxAlpha mean of the largest α = |g|/‖g‖₁, from 0 to 1; 0 in the same two cases
 * @param l1Norm mean of ‖g‖₁
 * @param samples number of sampled steps, at least 1
 */
public record TensorStats(
    int epoch,
    String tensor,
    TensorRole role,
    long elements,
    double relativeChange,
    double maxAlpha,
    double l1Norm,
    int samples)
    implements Serializable {}
