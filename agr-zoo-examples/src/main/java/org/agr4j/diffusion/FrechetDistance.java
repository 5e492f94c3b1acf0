package org.agr4j.diffusion;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How far two sets of features are from each other as normal distributions, the FID where features
 * are those of its Inception network; the lower the better.
 *
 * <pre>
 * d = |m₁ − m₂|² + tr(S₁ + S₂ − 2 (S₁ S₂)^½)      covariances S with n − 1
 * tr (S₁ S₂)^½ = Σ √λ, λ the eigenvalues of S₁^½ S₂ S₁^½, which is symmetric
 * </pre>
 *
 * <p>Covariances of fewer samples than features are singular: the distance is still a number, as
 * eigenvalues that rounding made negative count as 0. Memory: a few matrices [features, features]
 * of doubles; time: two eigen-decompositions, some seconds for 512 features.
 *
 * <p>Source: Heusel et al., arXiv 1706.08500, equation 6.
 */
public final class FrechetDistance {
  private FrechetDistance() {}

  /**
   * Mean and covariance of features.
   *
   * @param mean [features]
   * @param covariance [features, features]
   */
  public record Moments(double[] mean, double[][] covariance) {
    /**
     * Moments of samples.
     *
     * @param features [samples, features], two samples or more; not modified
     * @throws IllegalArgumentException if there are fewer, or one is not finite
     */
    public static Moments of(INDArray features) {
      if (features.rank() != 2 || features.size(0) < 2) {
        throw new IllegalArgumentException(
            "features are of %d samples, expected 2 or more".formatted(features.size(0)));
      }
      INDArray exact = features.castTo(DataType.DOUBLE);
      INDArray mean = exact.mean(0);
      INDArray centered = exact.subRowVector(mean);
      INDArray covariance =
          centered.transpose().mmul(centered).div(Math.max(1, features.size(0) - 1));
      if (covariance.isNaN().any() || covariance.isInfinite().any()) {
        throw new IllegalArgumentException("features are not finite, expected numbers");
      }
      return new Moments(mean.toDoubleVector(), covariance.toDoubleMatrix());
    }
  }

  /**
   * The distance.
   *
   * @param a moments of one set
   * @param b moments of the other, of as many features
   * @throws IllegalArgumentException if they have other numbers of features
   */
  public static double between(Moments a, Moments b) {
    if (a.mean().length != b.mean().length) {
      throw new IllegalArgumentException(
          "moments are of %d and %d features, expected as many"
              .formatted(a.mean().length, b.mean().length));
    }
    double sum = 0;
    for (int i = 0; i < a.mean().length; i++) {
      double difference = a.mean()[i] - b.mean()[i];
      sum += difference * difference + a.covariance()[i][i] + b.covariance()[i][i];
    }
    RealMatrix root = root(new Array2DRowRealMatrix(a.covariance()));
    RealMatrix product = root.multiply(new Array2DRowRealMatrix(b.covariance())).multiply(root);
    double trace = 0;
    for (double value : new EigenDecomposition(symmetric(product)).getRealEigenvalues()) {
      trace += Math.sqrt(Math.max(0, value));
    }
    return Math.max(0, sum - 2 * trace);
  }

  /** The square root of a symmetric matrix with eigenvalues of 0 or more. */
  private static RealMatrix root(RealMatrix matrix) {
    EigenDecomposition parts = new EigenDecomposition(symmetric(matrix));
    RealMatrix vectors = parts.getV();
    double[] values = parts.getRealEigenvalues();
    RealMatrix scaled = vectors.copy();
    for (int column = 0; column < values.length; column++) {
      double factor = Math.sqrt(Math.max(0, values[column]));
      scaled.setColumnVector(column, scaled.getColumnVector(column).mapMultiply(factor));
    }
    return scaled.multiply(vectors.transpose());
  }

  /** Without what rounding made of it. */
  private static RealMatrix symmetric(RealMatrix matrix) {
    return matrix.add(matrix.transpose()).scalarMultiply(0.5);
  }
}
