package org.agr4j.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.memory.MemoryUseMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.buffer.util.DataTypeUtil;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;

/** Language models' layers, with side inputs and borrowed tensors, are DL4J layers in full. */
class LanguageLayersTest {
  private static final DataType DOUBLE = DataType.DOUBLE;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradientsAgreeWithDifferences(boolean tied) {
    LanguageCase c = LanguageCase.small(tied);
    MultiDataSet batch = c.batch(DOUBLE);
    DataType before = Nd4j.dataType();
    DataTypeUtil.setDTypeForContext(DOUBLE);
    try {
      assertTrue(
          GradientCheckUtil.checkGradients(
              new GradientCheckUtil.GraphConfig()
                  .net(c.network(DOUBLE, new NoOp()))
                  .inputs(batch.getFeatures())
                  .labels(batch.getLabels())
                  .labelMask(batch.getLabelsMaskArrays())
                  .epsilon(1e-6)
                  .maxRelError(1e-5)
                  .minAbsoluteError(1e-8)
                  .exitOnFirstError(true)));
    } finally {
      DataTypeUtil.setDTypeForContext(before);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void configurationsAreKept(boolean tied) {
    ComputationGraphConfiguration conf = LanguageCase.small(tied).graph(DOUBLE, new Adam()).build();
    ComputationGraphConfiguration json = ComputationGraphConfiguration.fromJson(conf.toJson());
    assertEquals(conf, json);
    assertEquals(conf.getVertices().get("word"), json.getVertices().get("word"));
    assertEquals(
        conf.getVertices().get("word").hashCode(), json.getVertices().get("word").hashCode());
    assertEquals(conf, ComputationGraphConfiguration.fromYaml(conf.toYaml()));
    assertEquals(conf, conf.clone());
    assertNotEquals(
        conf.getVertices().get("word"),
        LanguageCase.small(!tied).graph(DOUBLE, new Adam()).build().getVertices().get("word"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void copiesGoOnAlike(boolean tied, @TempDir Path folder) throws Exception {
    LanguageCase c = LanguageCase.small(tied);
    MultiDataSet batch = c.batch(DOUBLE);
    ComputationGraph network = c.network(DOUBLE, new Nesterovs(1e-2));
    network.fit(batch);
    File file = folder.resolve("model.zip").toFile();
    ModelSerializer.writeModel(network, file, true);
    List<ComputationGraph> copies = new ArrayList<>();
    copies.add(network.clone());
    copies.add(ModelSerializer.restoreComputationGraph(file));
    network.fit(batch);
    for (ComputationGraph copy : copies) {
      copy.fit(batch);
      assertEquals(network.params(), copy.params());
      assertEquals(network.score(), copy.score());
      for (int output = 0; output < 2; output++) {
        assertEquals(
            network.output(batch.getFeatures())[output], copy.output(batch.getFeatures())[output]);
      }
    }
  }

  /** A step is the mean over examples, whatever their number. */
  @Test
  void aSmallerBatchWeighsTheSame() {
    LanguageCase c = LanguageCase.small(false);
    MultiDataSet batch = c.batch(DOUBLE, 1);
    INDArray[] features = twice(batch.getFeatures());
    INDArray[] labels = twice(batch.getLabels());
    INDArray[] weights = {twice(batch.getLabelsMaskArray(0)), null};
    ComputationGraph one = c.network(DOUBLE, new Sgd(1));
    ComputationGraph two = one.clone();
    assertEquals(one.score(batch), two.score(twiceTheBatch(batch)), 1e-12);
    one.fit(batch);
    two.fit(new MultiDataSet(features, labels, null, weights));
    assertTrue(one.params().equalsWithEps(two.params(), 1e-10));
  }

  private static MultiDataSet twiceTheBatch(MultiDataSet batch) {
    return new MultiDataSet(
        twice(batch.getFeatures()),
        twice(batch.getLabels()),
        null,
        new INDArray[] {twice(batch.getLabelsMaskArray(0)), null});
  }

  private static INDArray[] twice(INDArray[] arrays) {
    return Arrays.stream(arrays).map(LanguageLayersTest::twice).toArray(INDArray[]::new);
  }

  private static INDArray twice(INDArray array) {
    return Nd4j.concat(0, array, array);
  }

  @Test
  void answersAreThoseOfTheLogits() {
    LanguageCase c = LanguageCase.small(true);
    MultiDataSet batch = c.batch(DOUBLE);
    ComputationGraph network = c.network(DOUBLE, new NoOp());
    INDArray x = network.feedForward(batch.getFeatures(), false).get("masked");
    INDArray logits = network.output(batch.getFeatures())[0];
    INDArray logP = Nd4j.nn().logSoftmax(logits, 2);
    MaskedWordOutput.Answers answers =
        MaskedWordOutput.answers(network, "word", x, batch.getLabels(0));
    for (int n = 0; n < c.examples(); n++) {
      for (int p = 0; p < c.places(); p++) {
        int word = batch.getLabels(0).getInt(n, p);
        assertEquals(-logP.getDouble(n, p, word), answers.loss()[n * c.places() + p], 1e-12);
      }
    }
    assertArrayEquals(
        logits.reshape(c.examples() * c.places(), c.vocabulary()).argMax(1).toIntVector(),
        answers.best());
    INDArray scores = network.scoreExamples(batch, false);
    assertEquals(network.score(batch), scores.meanNumber().doubleValue(), 1e-12);
  }

  /** A frozen owner's tensor is used all the same, and stays what it is. */
  @Test
  void aFrozenTableIsLentWithoutGradient() {
    LanguageCase c = LanguageCase.small(false);
    ComputationGraph network = c.network(DOUBLE, new Sgd(0.1));
    network.getVertex("words").setLayerAsFrozen();
    INDArray table = network.getParam("words_W").dup();
    INDArray decoder = network.getParam("word_decoder.W").dup();
    network.fit(c.batch(DOUBLE));
    assertEquals(table, network.getParam("words_W"));
    assertNotEquals(decoder, network.getParam("word_decoder.W"));
  }

  @Test
  void theDecoderBeginsAsTheProjection() {
    ComputationGraph network =
        new ComputationGraph(LanguageCase.small(false).graph(DOUBLE, new NoOp()).build());
    network.init();
    assertEquals(
        network.getParam("projected_W").transpose().dup(),
        network.getParam("word_decoder.W").dup('c'));
  }

  @Test
  void tensorsSayWhatTheyAre() {
    ComputationGraph network = LanguageCase.small(false).network(DOUBLE, new NoOp());
    TensorInitializer p = TensorInitializer.INSTANCE;
    assertEquals(List.of("W"), p.weightKeys(layer(network, "words")));
    assertTrue(!p.isWeightParam(layer(network, "words"), "W"));
    assertEquals(List.of("position", "segment"), p.weightKeys(layer(network, "embedded")));
    assertTrue(!p.isWeightParam(layer(network, "embedded"), "segment"));
    assertEquals(
        List.of("q.W", "k.W", "v.W", "proj.W", "fc1.W", "fc2.W"),
        p.weightKeys(layer(network, "block")));
    assertEquals(
        List.of("q.b", "k.b", "v.b", "proj.b", "fc1.b", "fc2.b"),
        p.biasKeys(layer(network, "block")));
    assertEquals(List.of("decoder.W"), p.weightKeys(layer(network, "word")));
    assertEquals(List.of("b"), p.biasKeys(layer(network, "word")));
  }

  private static ChannelsLastLayer layer(ComputationGraph network, String name) {
    return (ChannelsLastLayer) network.getLayer(name).conf().getLayer();
  }

  @Test
  void memoryIsReported() {
    LanguageCase c = LanguageCase.small(false);
    assertTrue(
        c.network(DOUBLE, new Adam())
                .getConfiguration()
                .getMemoryReport(c.inputs())
                .getTotalMemoryBytes(2, MemoryUseMode.TRAINING, CacheMode.NONE, DOUBLE)
            > 0);
  }

  @Test
  void workspacesChangeNothing() {
    LanguageCase c = LanguageCase.small(false);
    ComputationGraph with = c.network(DOUBLE, new Sgd(0.1));
    ComputationGraph without = with.clone();
    without.getConfiguration().setTrainingWorkspaceMode(WorkspaceMode.NONE);
    without.getConfiguration().setInferenceWorkspaceMode(WorkspaceMode.NONE);
    for (int step = 0; step < 3; step++) {
      with.fit(c.batch(DOUBLE));
      without.fit(c.batch(DOUBLE));
    }
    assertEquals(with.params(), without.params());
  }

  @Test
  void wrongArraysAreNamed() {
    refused(b -> b.getFeatures(0).putScalar(1, 99), "\"words\"", "token 99.0", "from 0 to 6");
    refused(b -> b.getFeatures(0).putScalar(1, 0.5), "token 0.5", "whole number");
    refused(b -> b.getFeatures(1).putScalar(1, 2), "\"embedded\"", "segment 2.0", "from 0 to 1");
    refused(b -> b.getFeatures(3).putScalar(1, -1), "\"masked\"", "position -1.0", "from 0 to 4");
    refused(b -> b.getLabels(0).putScalar(1, 7), "\"word\"", "word 7.0", "from 0 to 6");
    refused(
        b -> b.setFeatures(2, Nd4j.ones(DOUBLE, 3, 4)), "\"block\"", "[3, 4]", "expected [3, 5]");
    refused(
        b -> b.setLabels(0, Nd4j.zeros(DOUBLE, 3, 7)),
        "labels are [3, 7]",
        "expected words [3, 4]");
    refused(
        b -> {
          b.setFeatures(0, Nd4j.zeros(DOUBLE, 3, 7));
          b.setFeatures(1, Nd4j.zeros(DOUBLE, 3, 7));
        },
        "7 positions",
        "at most 6");
  }

  private static void refused(Consumer<MultiDataSet> change, String... words) {
    LanguageCase c = LanguageCase.small(false);
    MultiDataSet batch = c.batch(DOUBLE);
    change.accept(batch);
    ComputationGraph network = c.network(DOUBLE, new NoOp());
    Exception e = assertThrows(Exception.class, () -> network.fit(batch));
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), e.getMessage());
    }
  }

  @Test
  void wrongLinksAreNamed() {
    LanguageCase c = LanguageCase.small(false);
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> LinkedLayer.add(c.graph(DOUBLE, new NoOp()), "b", new RepeatedBlock(), "block"));
    assertTrue(e.getMessage().contains("expected 2 inputs and 0 tensors"), e.getMessage());
    GraphBuilder graph = c.graph(DOUBLE, new NoOp());
    LinkedLayer.add(
        graph,
        "second",
        new MaskedWordOutput.Builder().nOut(7).embedding(2).build(),
        List.of("nobody_W", "projected_W"),
        "masked");
    ComputationGraphConfiguration conf =
        graph.setOutputs("word", "order", "second").setInputTypes().build();
    ComputationGraph network = new ComputationGraph(conf);
    network.init();
    e =
        assertThrows(
            IllegalStateException.class, () -> network.output(c.batch(DOUBLE).getFeatures()));
    assertTrue(e.getMessage().contains("\"second\" borrows nobody_W"), e.getMessage());
  }
}
