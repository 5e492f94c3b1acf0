package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Group normalization of [N, …, C], with Swish over the result where asked; see {@link
 * org.agr4j.layers.GroupNorm} for the formula. All arrays are {@link FloatRows#usable}.
 *
 * <p>A thread does whole samples, whose positions stay in its cache: two passes forward, three
 * backward. The argument of Swish is computed again in the backward pass, so nothing is kept.
 */
public final class GroupNormLoop {
  private GroupNormLoop() {}

  /** Writes y for x [N, …, C], γ and β [C]. */
  public static void forward(
      INDArray x,
      INDArray gamma,
      INDArray beta,
      int groups,
      double epsilon,
      boolean swish,
      INDArray y) {
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer to = HostFloats.of(y);
    float[] scale = FloatRows.copy(gamma);
    float[] shift = FloatRows.copy(beta);
    forEachSample(
        x,
        (chunk, first, end) -> {
          Sample sample = new Sample(x, groups, epsilon);
          float[] shifts = sample.repeated(shift);
          for (int n = first; n < end; n++) {
            sample.measure(from, n);
            float[] means = sample.repeated(sample.mean);
            float[] scales = sample.repeated(product(sample.inverse, scale));
            sample.forEachBlock(
                n,
                (at, length) -> {
                  from.get(at, sample.a, 0, length);
                  affine(sample.a, means, scales, shifts, length);
                  if (swish) {
                    swish(sample.a, length);
                  }
                  to.put(at, sample.a, 0, length);
                });
          }
        });
  }

  /** Writes dx, dγ and dβ. */
  public static void backward(
      INDArray x,
      INDArray gamma,
      INDArray beta,
      int groups,
      double epsilon,
      boolean swish,
      INDArray dy,
      INDArray dx,
      INDArray dGamma,
      INDArray dBeta) {
    int channels = FloatRows.columns(x);
    int samples = Math.toIntExact(x.size(0));
    FloatBuffer from = HostFloats.of(x);
    FloatBuffer gradient = HostFloats.of(dy);
    FloatBuffer to = HostFloats.of(dx);
    float[] scale = FloatRows.copy(gamma);
    float[] shift = FloatRows.copy(beta);
    float[][] slopes = new float[FloatRows.chunks(samples)][channels];
    float[][] sums = new float[FloatRows.chunks(samples)][channels];
    forEachSample(
        x,
        (chunk, first, end) -> {
          Sample sample = new Sample(x, groups, epsilon);
          float[] scales = sample.repeated(scale);
          float[] shifts = sample.repeated(shift);
          float[] zeros = new float[shifts.length];
          for (int n = first; n < end; n++) {
            sample.measure(from, n);
            float[] means = sample.repeated(sample.mean);
            float[] inverses = sample.repeated(sample.inverse);
            float[] ofSum = new float[zeros.length];
            float[] ofSlope = new float[zeros.length];
            sample.forEachBlock(
                n,
                (at, length) -> {
                  from.get(at, sample.a, 0, length);
                  gradient.get(at, sample.b, 0, length);
                  affine(sample.a, means, inverses, zeros, length);
                  if (swish) {
                    argument(sample.a, scales, shifts, sample.c, length);
                    slope(sample.c, sample.b, length);
                    to.put(at, sample.b, 0, length); // dz, for the next pass
                  }
                  add(ofSum, sample.b, length);
                  ChannelLoop.addProducts(ofSlope, sample.a, sample.b, length);
                });
            float[] sum = sample.folded(ofSum);
            float[] slope = sample.folded(ofSlope);
            add(sums[chunk], sum, channels);
            add(slopes[chunk], slope, channels);
            float[] constants = sample.repeated(sample.ofGroups(product(sum, scale)));
            float[] slopesOfGroups = sample.repeated(sample.ofGroups(product(slope, scale)));
            sample.forEachBlock(
                n,
                (at, length) -> {
                  from.get(at, sample.a, 0, length);
                  (swish ? to : gradient).get(at, sample.b, 0, length);
                  affine(sample.a, means, inverses, zeros, length);
                  inputGradient(
                      sample.b, sample.a, scales, constants, slopesOfGroups, inverses, length);
                  to.put(at, sample.b, 0, length);
                });
          }
        });
    FloatRows.sumChunks(slopes, dGamma);
    FloatRows.sumChunks(sums, dBeta);
  }

  private static void forEachSample(INDArray x, FloatRows.Chunk work) {
    int samples = Math.toIntExact(x.size(0));
    FloatRows.forEachChunk(samples, Math.toIntExact(x.length() / samples), work);
  }

  /** Room for one sample's numbers, used again for the next. */
  private static final class Sample {
    private final int channels;
    private final int positions;
    private final int groups;
    private final double epsilon;
    private final int together; // positions of a block
    final float[] a;
    final float[] b;
    final float[] c;
    final float[] mean; // of a channel's group
    final float[] inverse;

    Sample(INDArray x, int groups, double epsilon) {
      this.channels = FloatRows.columns(x);
      this.positions = Math.toIntExact(x.length() / x.size(0) / channels);
      this.groups = groups;
      this.epsilon = epsilon;
      this.together = FloatRows.rowsTogether(channels);
      this.a = new float[together * channels];
      this.b = new float[together * channels];
      this.c = new float[together * channels];
      this.mean = new float[channels];
      this.inverse = new float[channels];
    }

    float[] repeated(float[] ofChannels) {
      return FloatRows.repeated(ofChannels, channels, together);
    }

    /** Sums over the positions of a block. */
    float[] folded(float[] ofBlock) {
      double[] sums = new double[channels];
      for (int i = 0; i < ofBlock.length; i++) {
        sums[i % channels] += ofBlock[i];
      }
      float[] folded = new float[channels];
      for (int channel = 0; channel < channels; channel++) {
        folded[channel] = (float) sums[channel];
      }
      return folded;
    }

    /** For each channel the mean over its group and all positions of what is summed by channel. */
    float[] ofGroups(float[] sums) {
      int size = channels / groups;
      float[] means = new float[channels];
      for (int first = 0; first < channels; first += size) {
        double sum = 0;
        for (int channel = first; channel < first + size; channel++) {
          sum += sums[channel];
        }
        for (int channel = first; channel < first + size; channel++) {
          means[channel] = (float) (sum / size / positions);
        }
      }
      return means;
    }

    void forEachBlock(int n, Block work) {
      int begin = n * positions * channels;
      for (int i = 0; i < positions; i += together) {
        work.work(begin + i * channels, Math.min(together, positions - i) * channels);
      }
    }

    /** Finds mean and inverse deviation of each channel's group. */
    void measure(FloatBuffer from, int n) {
      // Sums around the first position, which is near the mean, lose little to cancellation.
      float[] center = new float[channels];
      from.get(n * positions * channels, center);
      float[] centers = repeated(center);
      double[] firsts = new double[channels];
      double[] seconds = new double[channels];
      float[] sums = new float[together * channels];
      float[] squares = new float[together * channels];
      forEachBlock(
          n,
          (at, length) -> {
            from.get(at, a, 0, length);
            addCentered(a, centers, sums, squares, length);
          });
      for (int i = 0; i < sums.length; i++) {
        firsts[i % channels] += sums[i];
        seconds[i % channels] += squares[i];
      }
      int size = channels / groups;
      for (int first = 0; first < channels; first += size) {
        double groupMean = 0;
        for (int channel = first; channel < first + size; channel++) {
          groupMean += (center[channel] + firsts[channel] / positions) / size;
        }
        double variance = 0;
        for (int channel = first; channel < first + size; channel++) {
          double offset = center[channel] - groupMean;
          variance +=
              (seconds[channel] + 2 * offset * firsts[channel]) / positions / size
                  + offset * offset / size;
        }
        float deviation = (float) (1 / Math.sqrt(Math.max(0, variance) + epsilon));
        for (int channel = first; channel < first + size; channel++) {
          mean[channel] = (float) groupMean;
          inverse[channel] = deviation;
        }
      }
    }
  }

  private interface Block {
    void work(int at, int length);
  }

  private static float[] product(float[] x, float[] y) {
    float[] product = x.clone();
    for (int i = 0; i < x.length; i++) {
      product[i] *= y[i];
    }
    return product;
  }

  private static void addCentered(
      float[] x, float[] center, float[] firsts, float[] seconds, int n) {
    for (int i = 0; i < n; i++) {
      float d = x[i] - center[i];
      firsts[i] += d;
      seconds[i] += d * d;
    }
  }

  private static void add(float[] to, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      to[i] += x[i];
    }
  }

  private static void affine(float[] x, float[] center, float[] scale, float[] shift, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = (x[i] - center[i]) * scale[i] + shift[i];
    }
  }

  private static void argument(float[] x, float[] scale, float[] shift, float[] z, int n) {
    for (int i = 0; i < n; i++) {
      z[i] = x[i] * scale[i] + shift[i];
    }
  }

  /** x ← x σ(x) = x/2 + |x|/2 (1 − e)/(1 + e) with e = exp(−|x|). */
  static void swish(float[] x, int n) {
    for (int i = 0; i < n; i++) {
      float size = Math.abs(x[i]);
      float e = GeluLoop.exp(-size);
      x[i] = 0.5f * (x[i] + size * ((1f - e) / (1f + e)));
    }
  }

  /** g ← g d(z σ(z))/dz = g (σ + z σ (1 − σ)). */
  static void slope(float[] z, float[] g, int n) {
    for (int i = 0; i < n; i++) {
      float e = GeluLoop.exp(-Math.abs(z[i]));
      float share = 1f / (1f + e);
      float sign = Math.max(-1f, Math.min(1f, z[i] * 1e30f));
      float sigma = 0.5f + 0.5f * sign * (1f - e) * share;
      g[i] *= sigma + z[i] * e * share * share;
    }
  }

  private static void inputGradient(
      float[] g,
      float[] x,
      float[] scale,
      float[] constant,
      float[] slope,
      float[] inverse,
      int n) {
    for (int i = 0; i < n; i++) {
      g[i] = inverse[i] * ((g[i] * scale[i] - constant[i]) - slope[i] * x[i]);
    }
  }
}
