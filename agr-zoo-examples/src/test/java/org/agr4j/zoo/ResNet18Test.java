package org.agr4j.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class ResNet18Test {
  /** Weights of the convolutions and the dense layer, and γ and β of each convolution. */
  private static long countedByHand(long w, long channels, long classes) {
    long stem = 9 * channels * w + 2 * w;
    long first = 2 * (2 * 9 * w * w + 2 * 2 * w);
    long rest = 0;
    for (long in = w; in <= 4 * w; in *= 2) {
      long out = 2 * in;
      rest += 9 * in * out + in * out + 3 * 9 * out * out + 5 * 2 * out;
    }
    return stem + first + rest + 8 * w * classes + classes;
  }

  private static long trainable(ComputationGraph graph) {
    return graph.paramTable().entrySet().stream()
        .filter(e -> !e.getKey().matches(".*_(mean|var|log10stdev)"))
        .mapToLong(e -> e.getValue().length())
        .sum();
  }

  @Test
  void hasTheStandardNumberOfTrainableParameters() {
    assertEquals(11_220_132, countedByHand(64, 3, 100));
    assertEquals(11_220_132, trainable(ResNet.resNet18().build().init()));
  }

  @ParameterizedTest
  @CsvSource({"4, 3, 32, 32, 10", "3, 1, 16, 24, 7", "2, 3, 8, 8, 2"})
  void takesAnyShape(int width, int channels, int height, int imageWidth, int classes) {
    ComputationGraph graph =
        ResNet.resNet18()
            .width(width)
            .inputShape(channels, height, imageWidth)
            .numClasses(classes)
            .build()
            .init();
    assertEquals(countedByHand(width, channels, classes), trainable(graph));
    INDArray out = graph.outputSingle(Nd4j.rand(5, channels, height, imageWidth));
    assertArrayEquals(new long[] {5, classes}, out.shape());
    assertArrayEquals(new float[] {1, 1, 1, 1, 1}, out.sum(1).toFloatVector(), 1e-5f);
  }

  @Test
  void halvesTheImageThreeTimes() {
    ComputationGraph graph = ResNet.resNet18().width(2).build().init();
    Map<String, INDArray> activations = graph.feedForward(Nd4j.rand(1, 3, 32, 32), false);
    assertArrayEquals(new long[] {1, 2, 32, 32}, activations.get("stem_relu").shape());
    assertArrayEquals(new long[] {1, 2, 32, 32}, activations.get("stage1_block2_relu").shape());
    assertArrayEquals(new long[] {1, 4, 16, 16}, activations.get("stage2_block2_relu").shape());
    assertArrayEquals(new long[] {1, 8, 8, 8}, activations.get("stage3_block2_relu").shape());
    INDArray last = activations.get("stage4_block2_relu");
    assertArrayEquals(new long[] {1, 16, 4, 4}, last.shape());
    assertArrayEquals(
        last.mean(2, 3).toFloatVector(), activations.get("pool").toFloatVector(), 1e-6f);
  }

  @Test
  void weightsAreHeNormalAndDependOnTheSeedAlone() {
    ComputationGraph graph = ResNet.resNet18().width(16).seed(5).build().init();
    INDArray weights = graph.getParam("stage4_block1_conv2_W");
    assertArrayEquals(new long[] {128, 128, 3, 3}, weights.shape());
    double expected = Math.sqrt(2.0 / (128 * 9));
    assertEquals(0, weights.meanNumber().doubleValue(), expected / 50);
    assertEquals(expected, weights.stdNumber().doubleValue(), expected / 50);
    assertEquals(graph.params(), ResNet.resNet18().width(16).seed(5).build().init().params());
    assertFalse(graph.params().equals(ResNet.resNet18().width(16).seed(6).build().init().params()));
  }

  @Test
  void overfitsOneBatch() {
    ComputationGraph graph =
        ResNet.resNet18()
            .width(4)
            .inputShape(3, 8, 8)
            .numClasses(4)
            .updater(new Adam(1e-2))
            .build()
            .init();
    Nd4j.getRandom().setSeed(3);
    INDArray labels = Nd4j.zeros(8, 4);
    for (int i = 0; i < 8; i++) {
      labels.putScalar(i, i % 4, 1);
    }
    DataSet batch = new DataSet(Nd4j.randn(8, 3, 8, 8), labels);
    double before = graph.score(batch);
    for (int step = 0; step < 40; step++) {
      graph.fit(batch);
    }
    assertTrue(before > 1, "loss before: " + before);
    assertTrue(graph.score() < 0.02, "loss after: " + graph.score());
  }

  @Test
  void configurationSurvivesJson() {
    ComputationGraphConfiguration conf = ResNet.resNet18().width(4).build().conf();
    assertEquals(conf, ComputationGraphConfiguration.fromJson(conf.toJson()));
  }

  @Test
  void refusesShapesThatCannotBeHalved() {
    assertMessage(
        "inputShape = [3, 30, 32], expected channels, height, width with height and width"
            + " multiples of 8",
        () -> ResNet.resNet18().inputShape(3, 30, 32));
    assertMessage("width = 0, expected a whole number >= 1", () -> ResNet.resNet18().width(0));
    assertMessage(
        "numClasses = 1, expected a whole number >= 2", () -> ResNet.resNet18().numClasses(1));
  }

  private static void assertMessage(String expected, Executable code) {
    assertEquals(expected, assertThrows(IllegalArgumentException.class, code).getMessage());
  }
}
