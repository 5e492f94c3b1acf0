package org.agr4j.diffusion;

import java.util.Random;
import java.util.function.LongConsumer;
import org.agr4j.zoo.DiffusionUnet;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Draws images with a {@link DiffusionUnet}, in batches. Image i is a function of the seed and of
 * i: all that is drawn for it comes from a stream of its own, so that neither the number of images
 * nor the size of a batch changes what it shows.
 */
public final class Sampler {
  private static final long FACTOR = 1_000_003L;

  private final ComputationGraph network;
  private final SamplingPath path;
  private final long[] shape;
  private final long seed;

  /**
   * A sampler.
   *
   * @param network one input image and one time, as {@link DiffusionUnet}; not modified
   * @param path the steps to take
   * @param shape channels, height and width of an image
   * @param seed of what is drawn
   */
  public Sampler(ComputationGraph network, SamplingPath path, long[] shape, long seed) {
    this.network = network;
    this.path = path;
    this.shape = shape.clone();
    this.seed = seed;
  }

  /**
   * Draws images.
   *
   * @param first number of the first
   * @param count how many
   * @param progress is told the number of steps done so far, of {@code count · path.steps()}
   * @return [count, channels, height, width], around −1 to 1, in the network's type
   */
  public INDArray images(int first, int count, LongConsumer progress) {
    Random[] streams = new Random[count];
    for (int i = 0; i < count; i++) {
      streams[i] = new Random(seed * FACTOR + first + i);
    }
    INDArray x = drawn(streams);
    for (int step = 0; step < path.steps(); step++) {
      INDArray noise = path.draws(step) ? drawn(streams) : null;
      path.step(step, x, predicted(network, x, path.time(step)), noise);
      progress.accept((long) count * (step + 1));
    }
    return x;
  }

  /**
   * What a network takes for the noise in images.
   *
   * @param network as {@link DiffusionUnet}
   * @param x images [N, channels, height, width]; not modified
   * @param time of all of them
   */
  public static INDArray predicted(ComputationGraph network, INDArray x, int time) {
    INDArray times = Nd4j.valueArrayOf(new long[] {x.size(0), 1}, time, x.dataType());
    return network.output(x, times)[0].reshape('c', x.shape());
  }

  private INDArray drawn(Random[] streams) {
    int length = Math.toIntExact(shape[0] * shape[1] * shape[2]);
    double[] values = new double[streams.length * length];
    int at = 0;
    for (Random stream : streams) {
      for (int i = 0; i < length; i++) {
        values[at++] = stream.nextGaussian();
      }
    }
    return Nd4j.createFromArray(values)
        .castTo(network.getConfiguration().getDataType())
        .reshape('c', streams.length, shape[0], shape[1], shape[2]);
  }
}
