package org.agr4j.diffusion;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How near drawn images are to real ones, and how sure and varied: both by the features of one
 * network, of images that come batch by batch. Memory: the features of all of them.
 */
public final class SampleScores {
  private final ImageFeatures network;
  private final List<INDArray> features = new ArrayList<>();
  private final List<INDArray> probabilities = new ArrayList<>();
  private boolean finite = true;

  /**
   * Scores of images that are still to come.
   *
   * @param network what images are seen with
   */
  public SampleScores(ImageFeatures network) {
    this.network = network;
  }

  /** How many samples a score of a network's features takes at least: more than features. */
  public static int fewest(ImageFeatures network) {
    return Math.max(InceptionScore.PARTS, network.count() + 1);
  }

  /**
   * Notes drawn images, rounded to eight bits as their files are.
   *
   * @param images [N, 3, height, width] around −1 to 1; not modified
   */
  public void add(INDArray images) {
    // Before they are rounded, which makes black of what is no number.
    finite &= !images.isNaN().any() && !images.isInfinite().any();
    ImageFeatures.Answers answers = network.of(ImageFeatures.rounded(images));
    features.add(answers.features());
    if (network.hasProbabilities()) {
      probabilities.add(answers.probabilities());
    }
  }

  /**
   * Whether all images that were noted are of numbers, which those of a diverged network are not.
   */
  public boolean isFinite() {
    return finite;
  }

  /**
   * The distance to real images.
   *
   * @param real mean and covariance of their features
   * @throws IllegalArgumentException if there are fewer than two, or some are not {@link #isFinite}
   */
  public double distance(FrechetDistance.Moments real) {
    return FrechetDistance.between(real, FrechetDistance.Moments.of(all(features)));
  }

  /** The inception score, of a network that has probabilities. */
  public InceptionScore score() {
    return InceptionScore.of(all(probabilities));
  }

  private static INDArray all(List<INDArray> parts) {
    return Nd4j.concat(0, parts.toArray(INDArray[]::new));
  }
}
