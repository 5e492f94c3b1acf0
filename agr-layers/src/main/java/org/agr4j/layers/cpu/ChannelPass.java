package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The passes of batch normalization over one array [batch, channels, height, width].
 *
 * <p>Symbols: μ and σ² are the mean and variance of a channel over its M = batch · height · width
 * elements, s = 1 / √(σ² + ε).
 *
 * <pre>
 * y  = γ s (x − μ) + β
 * dβ = Σ dy        dγ = s Σ dy (x − μ)
 * dx = γ s ( dy − dβ / M − (x − μ) s dγ / M )
 * </pre>
 *
 * <p>Channels are shared out to threads; one channel is always summed by one thread in the same
 * order, so results do not depend on their number.
 */
final class ChannelPass {
  private final FloatBuffer x;
  private final FloatBuffer gamma;
  private final double epsilon;
  private final int batch;
  private final int channels;
  private final int pixels;

  /**
   * Passes over {@code x}.
   *
   * @param x contiguous FLOAT, not modified
   * @param gamma γ of each channel, not modified
   * @param epsilon ε
   */
  ChannelPass(INDArray x, INDArray gamma, double epsilon) {
    this.x = HostFloats.of(x);
    this.gamma = HostFloats.of(gamma);
    this.epsilon = epsilon;
    batch = Math.toIntExact(x.size(0));
    channels = Math.toIntExact(x.size(1));
    pixels = Math.toIntExact(x.size(2) * x.size(3));
  }

  /** Writes μ and σ² of each channel. */
  void statistics(INDArray mean, INDArray variance) {
    FloatBuffer means = HostFloats.of(mean);
    FloatBuffer variances = HostFloats.of(variance);
    forEachChannel(
        channel -> {
          ChannelSums sums = ChannelSums.ofThisThread();
          // Sums around a number near the mean lose nothing to cancellation.
          float center = x.get(at(0, channel));
          sums.clear();
          eachChunk(channel, (at, n) -> sums.addCentered(x, at, n, center));
          double count = (double) batch * pixels;
          double offset = sums.first() / count;
          means.put(channel, (float) (center + offset));
          variances.put(channel, (float) Math.max(0, sums.second() / count - offset * offset));
        });
  }

  /** Writes y to {@code out}, which is contiguous. */
  void normalize(INDArray mean, INDArray variance, INDArray beta, INDArray out) {
    FloatBuffer means = HostFloats.of(mean);
    FloatBuffer variances = HostFloats.of(variance);
    FloatBuffer betas = HostFloats.of(beta);
    FloatBuffer y = HostFloats.of(out);
    forEachChannel(
        channel -> {
          ChannelSums scratch = ChannelSums.ofThisThread();
          float scale = (float) (gamma.get(channel) * inverseDeviation(variances.get(channel)));
          float shift = betas.get(channel);
          float center = means.get(channel);
          eachChunk(channel, (at, n) -> scratch.affine(x, at, n, center, scale, shift, y));
        });
  }

  /**
   * Writes dγ, dβ and dx.
   *
   * @param dOut dy, contiguous, not modified
   */
  void backward(
      INDArray mean,
      INDArray variance,
      INDArray dOut,
      INDArray dGamma,
      INDArray dBeta,
      INDArray dIn) {
    FloatBuffer means = HostFloats.of(mean);
    FloatBuffer variances = HostFloats.of(variance);
    FloatBuffer dy = HostFloats.of(dOut);
    FloatBuffer dGammas = HostFloats.of(dGamma);
    FloatBuffer dBetas = HostFloats.of(dBeta);
    FloatBuffer dx = HostFloats.of(dIn);
    forEachChannel(
        channel -> {
          ChannelSums sums = ChannelSums.ofThisThread();
          float center = means.get(channel);
          sums.clear();
          eachChunk(channel, (at, n) -> sums.addProducts(dy, x, at, n, center));
          double s = inverseDeviation(variances.get(channel));
          dBetas.put(channel, (float) sums.first());
          dGammas.put(channel, (float) (s * sums.second()));
          double count = (double) batch * pixels;
          float scale = (float) (gamma.get(channel) * s);
          float constant = (float) (sums.first() / count);
          float slope = (float) (s * s * sums.second() / count);
          eachChunk(
              channel,
              (at, n) -> sums.inputGradient(dy, x, at, n, center, scale, constant, slope, dx));
        });
  }

  private double inverseDeviation(float variance) {
    return 1 / Math.sqrt(variance + epsilon);
  }

  private int at(int image, int channel) {
    return (image * channels + channel) * pixels;
  }

  private void eachChunk(int channel, Chunks chunks) {
    for (int image = 0; image < batch; image++) {
      int start = at(image, channel);
      for (int done = 0; done < pixels; done += ChannelSums.LENGTH) {
        chunks.accept(start + done, Math.min(ChannelSums.LENGTH, pixels - done));
      }
    }
  }

  private void forEachChannel(IntConsumer work) {
    IntStream all = IntStream.range(0, channels);
    (Nd4j.getEnvironment().maxThreads() > 1 ? all.parallel() : all).forEach(work);
  }

  private interface Chunks {
    void accept(int at, int n);
  }
}
