package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.function.IntToDoubleFunction;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Batch normalization of images [batch, height, width, channels].
 *
 * <p>A chunk holds some whole pixels, and so many lanes: lane i belongs to channel i modulo the
 * channels. Chunks are copied to Java arrays that stay in the first-level cache, and what belongs
 * to a channel is repeated over the lanes, so that every loop reads and writes the same index of
 * each array: C2 turns that into vector code. Runs of chunks are shared out to threads; their
 * number depends on the size of the array alone.
 */
final class ChannelsLastPass implements BatchNormPass {
  private static final int LANES = 1024;
  private static final int LEAST_RUNS = 16;
  // A lane adds up so many FLOAT numbers before DOUBLE takes over.
  private static final int LONGEST_RUN = 256;

  private final FloatBuffer x;
  private final FloatBuffer gamma;
  private final double epsilon;
  private final int channels;
  private final int lanes;
  private final int length;
  private final int runs;
  private final int chunksOfARun;

  ChannelsLastPass(INDArray x, INDArray gamma, double epsilon) {
    this.x = HostFloats.of(x);
    this.gamma = HostFloats.of(gamma);
    this.epsilon = epsilon;
    channels = Math.toIntExact(x.size(3));
    lanes = channels * Math.max(1, LANES / channels);
    length = Math.toIntExact(x.length());
    int chunks = (length + lanes - 1) / lanes;
    chunksOfARun = Math.max(1, Math.min(LONGEST_RUN, chunks / LEAST_RUNS));
    runs = (chunks + chunksOfARun - 1) / chunksOfARun;
  }

  @Override
  public void statistics(INDArray mean, INDArray variance) {
    FloatBuffer means = HostFloats.of(mean);
    FloatBuffer variances = HostFloats.of(variance);
    // Sums around a number near the mean lose nothing to cancellation.
    float[] center = perLane(channel -> x.get(channel));
    double[][] sums =
        sums(
            (chunk, at, n) -> {
              x.get(at, chunk.x, 0, n);
              addCentered(chunk.x, center, chunk.firsts, chunk.seconds, n);
            });
    double count = length / channels;
    for (int c = 0; c < channels; c++) {
      double offset = sums[0][c] / count;
      means.put(c, (float) (center[c] + offset));
      variances.put(c, (float) Math.max(0, sums[1][c] / count - offset * offset));
    }
  }

  private static void addCentered(
      float[] x, float[] center, float[] firsts, float[] seconds, int n) {
    for (int i = 0; i < n; i++) {
      float d = x[i] - center[i];
      firsts[i] += d;
      seconds[i] += d * d;
    }
  }

  @Override
  public void normalize(INDArray mean, INDArray variance, INDArray beta, INDArray out) {
    normalize(mean, variance, beta, null, false, out);
  }

  /**
   * Writes y + addend, or ReLU(y + addend), to {@code out}.
   *
   * @param addend as x, or null for none
   */
  void normalize(
      INDArray mean,
      INDArray variance,
      INDArray beta,
      INDArray addend,
      boolean relu,
      INDArray out) {
    FloatBuffer added = addend == null ? null : HostFloats.of(addend);
    FloatBuffer y = HostFloats.of(out);
    float[] center = perLane(HostFloats.of(mean)::get);
    float[] shift = perLane(HostFloats.of(beta)::get);
    float[] scale = perLane(scaleOf(HostFloats.of(variance)));
    forEachChunk(
        (chunk, at, n) -> {
          x.get(at, chunk.x, 0, n);
          affine(chunk.x, center, scale, shift, n);
          if (added != null) {
            added.get(at, chunk.dy, 0, n);
            GeluLoop.add(chunk.x, chunk.dy, n);
          }
          if (relu) {
            ReluLoop.cut(chunk.x, n);
          }
          y.put(at, chunk.x, 0, n);
        });
  }

  private static void affine(float[] x, float[] center, float[] scale, float[] shift, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = scale[i] * (x[i] - center[i]) + shift[i];
    }
  }

  @Override
  public void backward(
      INDArray mean,
      INDArray variance,
      INDArray dOut,
      INDArray dGamma,
      INDArray dBeta,
      INDArray dIn) {
    backward(mean, variance, null, dOut, dGamma, dBeta, dIn);
  }

  /**
   * Writes dγ, dβ and dx.
   *
   * @param beta β, if dOut is the gradient of ReLU(y), which is then computed once more; else null
   * @param dIn may be {@code dOut} itself
   */
  void backward(
      INDArray mean,
      INDArray variance,
      INDArray beta,
      INDArray dOut,
      INDArray dGamma,
      INDArray dBeta,
      INDArray dIn) {
    FloatBuffer variances = HostFloats.of(variance);
    FloatBuffer dGammas = HostFloats.of(dGamma);
    FloatBuffer dBetas = HostFloats.of(dBeta);
    FloatBuffer dy = HostFloats.of(dOut);
    FloatBuffer dx = HostFloats.of(dIn);
    float[] center = perLane(HostFloats.of(mean)::get);
    float[] scale = perLane(scaleOf(variances));
    float[] shift = beta == null ? null : perLane(HostFloats.of(beta)::get);
    Work read =
        (chunk, at, n) -> {
          x.get(at, chunk.x, 0, n);
          dy.get(at, chunk.dy, 0, n);
          if (shift != null) {
            System.arraycopy(chunk.x, 0, chunk.y, 0, n);
            affine(chunk.y, center, scale, shift, n);
            ReluLoop.gate(chunk.y, chunk.dy, n);
          }
        };
    double[][] sums =
        sums(
            (chunk, at, n) -> {
              read.on(chunk, at, n);
              addProducts(chunk.dy, chunk.x, center, chunk.firsts, chunk.seconds, n);
            });
    for (int c = 0; c < channels; c++) {
      dBetas.put(c, (float) sums[0][c]);
      dGammas.put(c, (float) (inverseDeviation(variances.get(c)) * sums[1][c]));
    }
    double count = length / channels;
    float[] constant = perLane(c -> sums[0][c] / count);
    float[] slope =
        perLane(c -> Math.pow(inverseDeviation(variances.get(c)), 2) * sums[1][c] / count);
    forEachChunk(
        (chunk, at, n) -> {
          read.on(chunk, at, n);
          inputGradient(chunk.dy, chunk.x, center, scale, constant, slope, n);
          dx.put(at, chunk.dy, 0, n);
        });
  }

  private static void addProducts(
      float[] dy, float[] x, float[] center, float[] firsts, float[] seconds, int n) {
    for (int i = 0; i < n; i++) {
      firsts[i] += dy[i];
      seconds[i] += dy[i] * (x[i] - center[i]);
    }
  }

  private static void inputGradient(
      float[] dy,
      float[] x,
      float[] center,
      float[] scale,
      float[] constant,
      float[] slope,
      int n) {
    for (int i = 0; i < n; i++) {
      dy[i] = scale[i] * ((dy[i] - constant[i]) - slope[i] * (x[i] - center[i]));
    }
  }

  private double inverseDeviation(float variance) {
    return 1 / Math.sqrt(variance + epsilon);
  }

  private IntToDoubleFunction scaleOf(FloatBuffer variances) {
    return channel -> gamma.get(channel) * inverseDeviation(variances.get(channel));
  }

  private float[] perLane(IntToDoubleFunction ofChannel) {
    float[] values = new float[lanes];
    for (int i = 0; i < lanes; i++) {
      values[i] = (float) ofChannel.applyAsDouble(i % channels);
    }
    return values;
  }

  /** The first and second sum of every channel. */
  private double[][] sums(Work work) {
    double[][][] ofRuns = new double[runs][][];
    BatchNormPass.forEach(runs, run -> ofRuns[run] = chunksOf(run, work).sums(channels));
    double[][] all = new double[2][channels];
    for (double[][] ofRun : ofRuns) {
      for (int c = 0; c < channels; c++) {
        all[0][c] += ofRun[0][c];
        all[1][c] += ofRun[1][c];
      }
    }
    return all;
  }

  private void forEachChunk(Work work) {
    BatchNormPass.forEach(runs, run -> chunksOf(run, work));
  }

  private Chunk chunksOf(int run, Work work) {
    Chunk chunk = new Chunk(lanes);
    int end = (int) Math.min(length, (run + 1L) * chunksOfARun * lanes);
    for (int at = run * chunksOfARun * lanes; at < end; at += lanes) {
      work.on(chunk, at, Math.min(lanes, end - at));
    }
    return chunk;
  }

  private interface Work {
    void on(Chunk chunk, int at, int n);
  }

  /** What one thread works with. */
  private static final class Chunk {
    final float[] x;
    final float[] dy;
    final float[] y;
    final float[] firsts;
    final float[] seconds;

    Chunk(int lanes) {
      x = new float[lanes];
      dy = new float[lanes];
      y = new float[lanes];
      firsts = new float[lanes];
      seconds = new float[lanes];
    }

    double[][] sums(int channels) {
      double[][] sums = new double[2][channels];
      for (int i = 0; i < firsts.length; i++) {
        sums[0][i % channels] += firsts[i];
        sums[1][i % channels] += seconds[i];
      }
      return sums;
    }
  }
}
