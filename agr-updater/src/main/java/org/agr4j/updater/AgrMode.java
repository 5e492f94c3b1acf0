package org.agr4j.updater;

/**
 * Where Ψ(g) = g − g·|g|/‖g‖₁ enters an optimizer.
 *
 * <p>The paper (arXiv 2407.16944, Algorithms 1 and 2, section 5.1) and the code its authors
 * released differ; both are here by name, and {@link #OFF} is the optimizer without AGR, so that a
 * comparison changes one word.
 */
public enum AgrMode {
  /** Plain AdamW or Adan: Ψ is the identity. */
  OFF,

  /**
   * The paper: the first moment sees Ψ(g); the second moment, and Adan's gradient difference, see
   * g.
   */
  FIRST_MOMENT,

  /** The released code: Ψ(g) replaces g before the optimizer, so every moment sees it. */
  ALL_MOMENTS
}
