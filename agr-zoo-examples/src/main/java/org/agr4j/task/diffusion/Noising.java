package org.agr4j.task.diffusion;

import java.util.Random;
import org.agr4j.diffusion.NoiseSchedule;
import org.agr4j.train.BatchTransform;
import org.agr4j.train.Position;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Noises a batch of images: what the network is given, and what it is to tell.
 *
 * <pre>
 * t uniform in 0 … T − 1 for each image, ε standard normal
 * features √ᾱ_t x₀ + √(1 − ᾱ_t) ε and t    label ε
 * </pre>
 *
 * <p>Times and noise are drawn from the batch's position.
 *
 * @param times number T of times
 */
record Noising(int times) implements BatchTransform {
  @Override
  public MultiDataSet apply(MultiDataSet batch, Position position) {
    Random random = new Random(position.seedOf("noise"));
    INDArray images = batch.getFeatures(0);
    int[] drawn = random.ints(images.size(0), 0, times).toArray();
    return noised(images, drawn, normal(random, images), NoiseSchedule.linear(times));
  }

  /** Standard normal numbers of the shape and type of an array. */
  static INDArray normal(Random random, INDArray like) {
    float[] values = new float[Math.toIntExact(like.length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Nd4j.createFromArray(values).reshape('c', like.shape()).castTo(like.dataType());
  }

  /**
   * Images with noise.
   *
   * @param images [N, channels, height, width], which become the noised ones
   * @param times a time for each
   * @param noise of the shape of the images; not modified
   * @param schedule how much noise a time has
   */
  static MultiDataSet noised(INDArray images, int[] times, INDArray noise, NoiseSchedule schedule) {
    schedule.addNoise(images, noise, times);
    INDArray inputs = Nd4j.createFromArray(times).castTo(images.dataType()).reshape(-1, 1);
    return new org.nd4j.linalg.dataset.MultiDataSet(
        new INDArray[] {images, inputs},
        new INDArray[] {noise.reshape('c', noise.size(0), noise.length() / noise.size(0))});
  }
}
