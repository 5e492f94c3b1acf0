package org.agr4j.diffusion;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How sure a classifier is of each image and how many classes it sees in all; the higher the
 * better, 1 at least and as many as there are classes at most.
 *
 * <pre>
 * IS = exp( mean of Σ_k p_k (log p_k − log q_k) )      q the mean of p over a part of the images
 * </pre>
 *
 * <p>Source: Salimans et al., arXiv 1606.03498, section 4.
 *
 * @param mean over the parts
 * @param deviation standard deviation over the parts
 */
public record InceptionScore(double mean, double deviation) {
  /** Parts that the images are cut into. */
  public static final int PARTS = 10;

  /**
   * The score of images in {@link #PARTS} consecutive parts, part i from image ⌊i n / 10⌋ on.
   *
   * @param probabilities [images, classes], rows that sum to 1; not modified
   * @throws IllegalArgumentException if there are fewer images than parts
   */
  public static InceptionScore of(INDArray probabilities) {
    int n = (int) probabilities.size(0);
    if (n < PARTS) {
      throw new IllegalArgumentException(
          "probabilities are of %d images, expected %d or more".formatted(n, PARTS));
    }
    double[][] p = probabilities.toDoubleMatrix();
    double sum = 0;
    double squares = 0;
    for (int part = 0; part < PARTS; part++) {
      double score = score(p, (int) ((long) part * n / PARTS), (int) ((part + 1L) * n / PARTS));
      sum += score;
      squares += score * score;
    }
    double mean = sum / PARTS;
    return new InceptionScore(mean, Math.sqrt(Math.max(0, squares / PARTS - mean * mean)));
  }

  private static double score(double[][] p, int from, int to) {
    double[] all = new double[p[0].length];
    for (int i = from; i < to; i++) {
      for (int k = 0; k < all.length; k++) {
        all[k] += p[i][k] / (to - from);
      }
    }
    double divergence = 0;
    for (int i = from; i < to; i++) {
      for (int k = 0; k < all.length; k++) {
        divergence += p[i][k] > 0 ? p[i][k] * (Math.log(p[i][k]) - Math.log(all[k])) : 0;
      }
    }
    return Math.exp(divergence / (to - from));
  }
}
