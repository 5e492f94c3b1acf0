package org.agr4j.layers.cpu;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The passes of batch normalization over the images of a batch.
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
 * <p>Arrays are FLOAT and row-major. Sums are always added up in the same order, whatever the
 * number of threads.
 */
interface BatchNormPass {
  /**
   * Passes over {@code x}.
   *
   * @param x four-dimensional, not modified
   * @param gamma γ of each channel, not modified
   * @param epsilon ε
   */
  static BatchNormPass over(INDArray x, CNN2DFormat format, INDArray gamma, double epsilon) {
    return format == CNN2DFormat.NCHW
        ? new ChannelsFirstPass(x, gamma, epsilon)
        : new ChannelsLastPass(x, gamma, epsilon);
  }

  /** Writes μ and σ² of each channel. */
  void statistics(INDArray mean, INDArray variance);

  /** Writes μ and σ² of each channel, and y by these to {@code out}. */
  default void forward(INDArray mean, INDArray variance, INDArray beta, INDArray out) {
    statistics(mean, variance);
    normalize(mean, variance, beta, out);
  }

  /** Writes y to {@code out}. */
  void normalize(INDArray mean, INDArray variance, INDArray beta, INDArray out);

  /**
   * Writes dγ, dβ and dx.
   *
   * @param dOut dy, not modified
   */
  void backward(
      INDArray mean,
      INDArray variance,
      INDArray dOut,
      INDArray dGamma,
      INDArray dBeta,
      INDArray dIn);

  /** Does pieces of work, with several threads where ND4J may have them. */
  static void forEach(int pieces, IntConsumer work) {
    IntStream all = IntStream.range(0, pieces);
    (Nd4j.getEnvironment().maxThreads() > 1 ? all.parallel() : all).forEach(work);
  }
}
