package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Batch normalization of images [batch, channels, height, width].
 *
 * <p>Channels are shared out to threads; one channel, which fits the cache of a core, is always
 * summed by one thread.
 */
final class ChannelsFirstPass implements BatchNormPass {
  // Enough to keep many cores busy until the end.
  private static final int MOST_RUNS = 64;

  private final FloatBuffer x;
  private final FloatBuffer gamma;
  private final double epsilon;
  private final int batch;
  private final int channels;
  private final int pixels;

  ChannelsFirstPass(INDArray x, INDArray gamma, double epsilon) {
    this.x = HostFloats.of(x);
    this.gamma = HostFloats.of(gamma);
    this.epsilon = epsilon;
    batch = Math.toIntExact(x.size(0));
    channels = Math.toIntExact(x.size(1));
    pixels = Math.toIntExact(x.size(2) * x.size(3));
  }

  @Override
  public void statistics(INDArray mean, INDArray variance) {
    FloatBuffer means = HostFloats.of(mean);
    FloatBuffer variances = HostFloats.of(variance);
    forEachChannel((channel, sums) -> statistics(channel, sums, means, variances));
  }

  private void statistics(int channel, ChannelSums sums, FloatBuffer means, FloatBuffer variances) {
    // Sums around a number near the mean lose nothing to cancellation.
    float center = x.get(at(0, channel));
    sums.clear();
    eachChunk(channel, (at, n) -> sums.addCentered(x, at, n, center));
    double count = (double) batch * pixels;
    double offset = sums.first() / count;
    means.put(channel, (float) (center + offset));
    variances.put(channel, (float) Math.max(0, sums.second() / count - offset * offset));
  }

  @Override
  public void normalize(INDArray mean, INDArray variance, INDArray beta, INDArray out) {
    FloatBuffer means = HostFloats.of(mean);
    FloatBuffer variances = HostFloats.of(variance);
    FloatBuffer betas = HostFloats.of(beta);
    FloatBuffer y = HostFloats.of(out);
    forEachChannel((channel, scratch) -> normalize(channel, scratch, means, variances, betas, y));
  }

  private void normalize(
      int channel,
      ChannelSums scratch,
      FloatBuffer means,
      FloatBuffer variances,
      FloatBuffer betas,
      FloatBuffer y) {
    float scale = (float) (gamma.get(channel) * inverseDeviation(variances.get(channel)));
    float shift = betas.get(channel);
    float center = means.get(channel);
    eachChunk(channel, (at, n) -> scratch.affine(x, at, n, center, scale, shift, y));
  }

  /** The same numbers as one after the other, but a channel is still in the cache. */
  @Override
  public void forward(INDArray mean, INDArray variance, INDArray beta, INDArray out) {
    FloatBuffer means = HostFloats.of(mean);
    FloatBuffer variances = HostFloats.of(variance);
    FloatBuffer betas = HostFloats.of(beta);
    FloatBuffer y = HostFloats.of(out);
    forEachChannel(
        (channel, arrays) -> {
          statistics(channel, arrays, means, variances);
          normalize(channel, arrays, means, variances, betas, y);
        });
  }

  @Override
  public void backward(
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
        (channel, sums) -> {
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

  /** A run of channels at a time, so that the arrays of a thread are made once for many. */
  private void forEachChannel(Channels work) {
    int runs = Math.min(channels, MOST_RUNS);
    BatchNormPass.forEach(
        runs,
        run -> {
          ChannelSums arrays = new ChannelSums(pixels);
          int end = (int) ((run + 1L) * channels / runs);
          for (int channel = (int) ((long) run * channels / runs); channel < end; channel++) {
            work.accept(channel, arrays);
          }
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

  private interface Channels {
    void accept(int channel, ChannelSums arrays);
  }

  private interface Chunks {
    void accept(int at, int n);
  }
}
