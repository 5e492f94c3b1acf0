package org.agr4j.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.agr4j.Agr;
import org.agr4j.TensorRole;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** ALBERT in the large: its published size, its beginning, its training, its files. */
class AlbertTest {
  private static final int LENGTH = 12;
  private static final int PLACES = 3;
  private static final int WORDS = 40;

  @ParameterizedTest
  @CsvSource({"false, 857772, 33", "true, 856236, 32"})
  void hasTheReleasedNumberOfParameters(boolean tied, long parameters, int tensors) {
    ComputationGraph network = Albert.builder().tied(tied).build().init();
    assertEquals(parameters, network.numParams());
    assertEquals(tensors, network.paramTable().size());
  }

  private static Albert.Builder small(boolean tied) {
    return Albert.builder()
        .vocabulary(WORDS)
        .length(LENGTH)
        .width(16)
        .embedding(6)
        .feedForward(32)
        .repeats(2)
        .heads(2)
        .predictions(PLACES)
        .tied(tied);
  }

  private static MultiDataSet batch(int n) {
    Random random = new Random(5);
    INDArray order = Nd4j.zeros(DataType.FLOAT, n, 2);
    INDArray mask = Nd4j.ones(DataType.FLOAT, n, LENGTH);
    INDArray weights = Nd4j.ones(DataType.FLOAT, n, PLACES);
    INDArray positions = Nd4j.zeros(DataType.FLOAT, n, PLACES);
    for (int i = 0; i < n; i++) {
      for (int p = 0; p < PLACES; p++) {
        positions.putScalar(i, p, 4 * p + i % 3);
      }
      order.putScalar(i, i % 2, 1);
      mask.putScalar(i, LENGTH - 1, i % 2);
      weights.putScalar(i, PLACES - 1, i % 2);
    }
    return new MultiDataSet(
        new INDArray[] {
          whole(random, WORDS, n, LENGTH), whole(random, 2, n, LENGTH), mask, positions
        },
        new INDArray[] {whole(random, WORDS, n, PLACES), order},
        null,
        new INDArray[] {weights, null});
  }

  private static INDArray whole(Random random, int bound, int n, int columns) {
    INDArray array = Nd4j.zeros(DataType.FLOAT, n, columns);
    for (int i = 0; i < n * columns; i++) {
      array.putScalar(i, random.nextInt(bound));
    }
    return array;
  }

  /** PyTorch's defaults, and the decoder as the projection's transpose. */
  @Test
  void beginsAsTheReleasedCode() {
    ComputationGraph network =
        Albert.builder().vocabulary(4000).width(64).length(256).build().init();
    for (String table : new String[] {"embed1_W", "embedded_position"}) {
      assertEquals(0, network.getParam(table).meanNumber().doubleValue(), 0.05, table);
      assertEquals(1, network.getParam(table).stdNumber().doubleValue(), 0.02, table);
    }
    Map<String, Double> bounds =
        Map.of(
            "embed2_W", 1 / Math.sqrt(24),
            "embed2_b", 1 / Math.sqrt(24),
            "block_q.b", 1 / 8.0,
            "block_fc1.W", 1 / 8.0,
            "block_fc2.W", 1 / 16.0,
            "block_fc2.b", 1 / 16.0,
            "mlm_dense_b", 1 / 8.0,
            "sop_dense_W", 1 / 8.0);
    bounds.forEach(
        (key, bound) -> {
          double largest = network.getParam(key).amaxNumber().doubleValue();
          assertTrue(largest <= bound && largest > 0.9 * bound, key + " " + largest);
        });
    assertEquals(
        network.getParam("embed2_W").transpose().dup('c'),
        network.getParam("mlm_decoder.W").dup('c'));
    assertEquals(0, network.getParam("mlm_b").amaxNumber().doubleValue());
    assertEquals(1, network.getParam("block_norm1.gamma").minNumber().doubleValue());
    assertEquals(
        network.params(), Albert.builder().vocabulary(4000).length(256).build().init().params());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void learnsABatchByHeart(boolean tied) {
    ComputationGraph network = small(tied).updater(new Adam(5e-3)).build().init();
    FastCpuLayers.install(network);
    MultiDataSet batch = batch(4);
    double first = network.score(batch);
    for (int step = 0; step < 200; step++) {
      network.fit(batch);
    }
    double last = network.score(batch);
    assertTrue(first > 3 && last < 0.2, first + " to " + last);
    Albert.Answers answers = Albert.answers(network, batch.getFeatures(), batch.getLabels(0));
    double[] weights = batch.getLabelsMaskArray(0).reshape(-1).toDoubleVector();
    int[] words = batch.getLabels(0).reshape(-1).toIntVector();
    double loss = 0;
    for (int i = 0; i < words.length; i++) {
      loss += weights[i] * answers.loss()[i] / words.length;
      assertTrue(weights[i] == 0 || answers.loss()[i] > 0.7 || words[i] == answers.word()[i]);
    }
    assertTrue(loss <= last, loss + " is only a part of " + last);
    assertArrayEquals(
        batch.getLabels(1).argMax(1).toIntVector(), answers.order().argMax(1).toIntVector());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFileGoesOnToTheSameBits(boolean tied, @TempDir Path folder) throws Exception {
    ComputationGraphConfiguration conf = Agr.adamW(1e-3).applyTo(small(tied).build().conf());
    ComputationGraph network = new ComputationGraph(conf);
    network.init();
    MultiDataSet batch = batch(4);
    network.fit(batch);
    File file = folder.resolve("model.zip").toFile();
    ModelSerializer.writeModel(network, file, true);
    ComputationGraph copy = ModelSerializer.restoreComputationGraph(file);
    network.fit(batch);
    copy.fit(batch);
    network.fit(batch(3)); // the last, smaller batch of a pass
    copy.fit(batch(3));
    assertEquals(network.params(), copy.params());
  }

  /** One tensor each, whatever its uses. */
  @Test
  void tensorsHaveTheirRoles() {
    Map<String, TensorRole> roles = TensorRole.of(small(false).build().init());
    assertEquals(33, roles.size());
    assertEquals(TensorRole.TABLE, roles.get("embed1_W"));
    assertEquals(TensorRole.TABLE, roles.get("embedded_position"));
    assertEquals(TensorRole.TABLE, roles.get("embedded_segment"));
    assertEquals(TensorRole.NORM, roles.get("block_norm2.beta"));
    assertEquals(TensorRole.WEIGHT, roles.get("block_q.W"));
    assertEquals(TensorRole.WEIGHT, roles.get("mlm_decoder.W"));
    assertEquals(TensorRole.BIAS, roles.get("mlm_b"));
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    Exception e = assertThrows(IllegalArgumentException.class, () -> small(false).heads(3).build());
    assertEquals("heads = 3, expected a divisor of the width, 16", e.getMessage());
    e = assertThrows(IllegalArgumentException.class, () -> Albert.builder().vocabulary(1));
    assertEquals("vocabulary = 1, expected a whole number >= 2", e.getMessage());
  }
}
