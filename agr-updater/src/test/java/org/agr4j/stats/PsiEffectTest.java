package org.agr4j.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agr4j.updater.AdamWAgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;

/** The sums give what the formula gives that builds Ψ(g) and takes its norms. */
class PsiEffectTest {

  private static PsiEffect effect(INDArray g) {
    PsiEffect effect = new PsiEffect();
    effect.measure(g);
    return effect;
  }

  private static INDArray array(DataType type, double... g) {
    return Nd4j.createFromArray(g).castTo(type);
  }

  private static double[] gaussian(Random random, int n, double scale) {
    return IntStream.range(0, n).mapToDouble(i -> scale * random.nextGaussian()).toArray();
  }

  static Stream<Arguments> tensors() {
    int chunk = PsiEffect.CHUNK;
    return IntStream.of(2, 3, 10, 100, 1728, chunk - 1, chunk, chunk + 1, 3 * chunk + 17)
        .boxed()
        .flatMap(
            n ->
                Stream.of(1e-30, 1.0, 1e30)
                    .flatMap(
                        scale ->
                            Stream.of(DataType.DOUBLE, DataType.FLOAT)
                                .map(type -> Arguments.of(n, scale, type))));
  }

  @ParameterizedTest
  @MethodSource("tensors")
  void isWhatTheFormulaGives(int n, double scale, DataType type) {
    Random random = new Random(n);
    double[] drawn = gaussian(random, n, scale);
    drawn[random.nextInt(n)] *= 1 + 100 * random.nextDouble();
    INDArray array = array(type, drawn);
    double[] g = array.toDoubleVector();
    double norm1 = DoubleNorms.norm1(g);
    double[] change = new double[n];
    double largest = 0;
    for (int i = 0; i < n; i++) {
      double psi = g[i] - g[i] * Math.abs(g[i]) / norm1;
      change[i] = psi - g[i];
      largest = Math.max(largest, Math.abs(g[i]) / norm1);
    }
    double expected = DoubleNorms.norm2(change) / DoubleNorms.norm2(g);

    PsiEffect effect = effect(array);
    assertEquals(expected, effect.relativeChange(), 1e-9 * expected);
    assertEquals(largest, effect.maxAlpha(), 1e-12);
    assertEquals(norm1, effect.l1Norm(), 1e-12 * norm1);
    assertEquals(array(type, drawn), array, "the gradient is as it was");
  }

  /** Norms term by term. */
  private static final class DoubleNorms {
    static double norm1(double[] x) {
      double sum = 0;
      for (double v : x) {
        sum += Math.abs(v);
      }
      return sum;
    }

    static double norm2(double[] x) {
      double sum = 0;
      for (double v : x) {
        sum += v * v;
      }
      return Math.sqrt(sum);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 50, 20_000})
  void isWhatTheOptimizerDoes(int n) {
    INDArray g = array(DataType.DOUBLE, gaussian(new Random(n), n, 1));
    PsiEffect effect = effect(g);
    AdamWAgr config = AdamWAgr.builder().beta1(0).build();
    GradientUpdater<?> updater =
        config.instantiate(Nd4j.create(DataType.DOUBLE, config.stateSize(n)), true);
    INDArray update = g.dup();
    updater.applyUpdater(update, 0, 0);
    INDArray psi = updater.getState().get("M");
    double expected = psi.sub(g).norm2Number().doubleValue() / g.norm2Number().doubleValue();
    assertEquals(expected, effect.relativeChange(), 1e-9 * expected);
  }

  /** The design's table, as in PsiTest: what Ψ does to a Gaussian gradient shrinks with size. */
  @ParameterizedTest
  @CsvSource({"2, 0.8", "100, 0.02", "1728, 1.2e-3", "100000, 2.2e-5"})
  void knownValuesOfGaussianGradients(int n, double expected) {
    Random random = new Random(n);
    int draws = Math.max(1, 20_000 / n);
    double mean = 0;
    for (int draw = 0; draw < draws; draw++) {
      mean += effect(array(DataType.FLOAT, gaussian(random, n, 1))).relativeChange() / draws;
    }
    assertEquals(1, mean / expected, 0.25, "mean relative change " + mean);
  }

  @Test
  void byHand() {
    // ‖g‖₁ = 8, Σg² = 30, Σg⁴ = 642
    PsiEffect effect = effect(array(DataType.FLOAT, 1, -2, 5));
    assertEquals(Math.sqrt(642) / 8 / Math.sqrt(30), effect.relativeChange(), 1e-15);
    assertEquals(5 / 8.0, effect.maxAlpha(), 1e-15);
    assertEquals(8, effect.l1Norm(), 1e-15);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-300, 1e-200, 1e200, 1e300})
  void neitherOverflowsNorUnderflows(double scale) {
    PsiEffect effect = effect(array(DataType.DOUBLE, scale, -2 * scale, 5 * scale));
    assertEquals(Math.sqrt(642) / 8 / Math.sqrt(30), effect.relativeChange(), 1e-14);
    assertEquals(5 / 8.0, effect.maxAlpha(), 1e-14);
    assertEquals(8, effect.l1Norm() / scale, 1e-14);
  }

  @Test
  void oneElementAndZerosAreLeftAlone() {
    assertMeasured(0, 0, 3.5, array(DataType.FLOAT, -3.5));
    assertMeasured(0, 0, 0, array(DataType.FLOAT, 0));
    assertMeasured(0, 0, 0, Nd4j.zeros(DataType.DOUBLE, 2 * PsiEffect.CHUNK));
    assertMeasured(1, 1, 7, array(DataType.FLOAT, 0, 7));
  }

  @Test
  void chunksOfZerosDoNotCount() {
    INDArray g = Nd4j.zeros(DataType.DOUBLE, 4L * PsiEffect.CHUNK);
    g.putScalar(PsiEffect.CHUNK + 3, 1);
    g.putScalar(2L * PsiEffect.CHUNK + 3, -2);
    g.putScalar(2L * PsiEffect.CHUNK + 5, 5);
    assertMeasured(Math.sqrt(642) / 8 / Math.sqrt(30), 5 / 8.0, 8, g);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void isNotANumberWhereTheGradientIsNot(double value) {
    assertMeasured(Double.NaN, Double.NaN, Double.NaN, array(DataType.FLOAT, 1, value, 0));
    assertMeasured(Double.NaN, Double.NaN, Double.NaN, array(DataType.FLOAT, value, 0));
    assertMeasured(Double.NaN, Double.NaN, Double.NaN, array(DataType.FLOAT, value));
  }

  @Test
  void orderStridesAndReuseDoNotMatter() {
    PsiEffect effect = new PsiEffect();
    INDArray c = array(DataType.DOUBLE, gaussian(new Random(1), 600, 1)).reshape('c', 10, 60);
    effect.measure(c);
    double expected = effect.relativeChange();
    effect.measure(c.dup('f'));
    assertEquals(expected, effect.relativeChange(), 1e-14);
    effect.measure(c.castTo(DataType.FLOAT));
    assertEquals(expected, effect.relativeChange(), 1e-6);
    INDArray half = c.castTo(DataType.FLOAT16);
    effect.measure(half);
    assertEquals(
        effect(half.castTo(DataType.FLOAT)).relativeChange(), effect.relativeChange(), 1e-14);
    INDArray rows = c.get(NDArrayIndex.interval(3, 8), NDArrayIndex.all());
    effect.measure(rows);
    assertEquals(effect(rows.dup()).relativeChange(), effect.relativeChange(), 1e-14);
    INDArray column = c.get(NDArrayIndex.all(), NDArrayIndex.interval(7, 9));
    effect.measure(column);
    assertEquals(effect(column.dup()).relativeChange(), effect.relativeChange(), 1e-14);
  }

  private static void assertMeasured(
      double relativeChange, double maxAlpha, double l1Norm, INDArray g) {
    PsiEffect effect = effect(g);
    assertEquals(relativeChange, effect.relativeChange(), 1e-14);
    assertEquals(maxAlpha, effect.maxAlpha(), 1e-14);
    assertEquals(l1Norm, effect.l1Norm(), 1e-14);
  }
}
