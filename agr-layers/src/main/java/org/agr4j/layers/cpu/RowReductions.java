package org.agr4j.layers.cpu;

/**
 * Sums over a part of an array, by independent sums, so that additions need not wait for each
 * other.
 */
final class RowReductions {
  private RowReductions() {}

  /** Σ x over n elements. */
  static float sum(float[] x, int from, int n) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    float e = 0;
    float f = 0;
    float g = 0;
    float h = 0;
    int i = from;
    for (; i <= from + n - 8; i += 8) {
      a += x[i];
      b += x[i + 1];
      c += x[i + 2];
      d += x[i + 3];
      e += x[i + 4];
      f += x[i + 5];
      g += x[i + 6];
      h += x[i + 7];
    }
    for (; i < from + n; i++) {
      a += x[i];
    }
    return ((a + b) + (c + d)) + ((e + f) + (g + h));
  }

  /** Σ (x − mean)² over n elements. */
  static float squares(float[] x, int from, int n, float mean) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = from;
    for (; i <= from + n - 4; i += 4) {
      float p = x[i] - mean;
      float q = x[i + 1] - mean;
      float r = x[i + 2] - mean;
      float s = x[i + 3] - mean;
      a += p * p;
      b += q * q;
      c += r * r;
      d += s * s;
    }
    for (; i < from + n; i++) {
      float p = x[i] - mean;
      a += p * p;
    }
    return (a + b) + (c + d);
  }

  /** Σ x y over n elements. */
  static float dot(float[] x, float[] y, int from, int n) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = from;
    for (; i <= from + n - 4; i += 4) {
      a += x[i] * y[i];
      b += x[i + 1] * y[i + 1];
      c += x[i + 2] * y[i + 2];
      d += x[i + 3] * y[i + 3];
    }
    for (; i < from + n; i++) {
      a += x[i] * y[i];
    }
    return (a + b) + (c + d);
  }
}
