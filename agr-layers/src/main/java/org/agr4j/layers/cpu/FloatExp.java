package org.agr4j.layers.cpu;

/** eˣ for softmax in loops that C2 makes vector code of. */
final class FloatExp {
  private FloatExp() {}

  /**
   * eˣ for x ≤ 0: to 1e-6 of it down to e⁻¹⁰, to 1e-8 below, and e⁻⁷⁸ for anything below −80. The
   * 64th root is a polynomial.
   */
  static float exp(float x) {
    float v = Math.max(x, -80f) * 0.015625f;
    float p = Math.fma(1f / 120, v, 1f / 24);
    p = Math.fma(p, v, 1f / 6);
    p = Math.fma(p, v, 0.5f);
    p = Math.fma(p, v, 1f) * v;
    // (1 + p)² − 1, twice: nothing is rounded to the precision of 1 on the way.
    p *= 2f + p;
    p *= 2f + p;
    p += 1f;
    p *= p;
    p *= p;
    p *= p;
    return p * p;
  }
}
