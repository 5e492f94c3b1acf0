package org.agr4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agr4j.regularization.AgrRegularization;
import org.agr4j.task.classification.LabelSmoothing;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.zoo.ResNet;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.linalg.ops.transforms.Transforms;

/** With SGD at learning rate 1 what a step subtracts is the gradient of the mean loss. */
class GradientClippingTest {
  private static final String STATISTICS = ".*_(mean|var|log10stdev)";

  private static ComputationGraph network(double bound) {
    ComputationGraph graph =
        ResNet.resNet18()
            .inputShape(3, 8, 8)
            .numClasses(4)
            .width(2)
            .updater(new Sgd(1))
            .dataType(DataType.DOUBLE)
            .build()
            .init();
    if (bound > 0) {
      graph.setListeners(new GradientClipping(bound));
    }
    return graph;
  }

  /** Tensors before minus after one step, statistics of batch norm apart. */
  private static List<List<INDArray>> step(double bound) {
    ComputationGraph graph = network(bound);
    List<List<INDArray>> change = List.of(new ArrayList<>(), new ArrayList<>());
    var before = new LinkedHashMap<String, INDArray>();
    graph.paramTable().forEach((name, tensor) -> before.put(name, tensor.dup()));
    Nd4j.getRandom().setSeed(5);
    INDArray x = Nd4j.randn(DataType.DOUBLE, 6, 3, 8, 8);
    INDArray y = Nd4j.zeros(DataType.DOUBLE, 6, 4);
    for (int i = 0; i < 6; i++) {
      y.putScalar(i, i % 4, 1);
    }
    graph.fit(new DataSet(x, y));
    before.forEach(
        (name, tensor) ->
            change.get(name.matches(STATISTICS) ? 1 : 0).add(tensor.sub(graph.getParam(name))));
    return change;
  }

  private static double norm(List<INDArray> tensors) {
    return Math.sqrt(
        tensors.stream().mapToDouble(t -> Math.pow(t.norm2Number().doubleValue(), 2)).sum());
  }

  @Test
  void scalesTheWholeGradient() {
    List<List<INDArray>> free = step(0);
    double norm = norm(free.get(0));
    double bound = norm / 10;
    List<List<INDArray>> clipped = step(bound);
    double factor = bound / (norm + 1e-6);
    assertEquals(factor * norm, norm(clipped.get(0)), 1e-9 * bound);
    for (int i = 0; i < free.get(0).size(); i++) {
      assertTrue(free.get(0).get(i).mul(factor).equalsWithEps(clipped.get(0).get(i), 1e-9));
    }
    assertEquals(free.get(1), clipped.get(1), "running statistics are no gradients");
    assertEquals(free, step(norm * 1.01), "a bound that is not reached changes nothing");
  }

  /** Golden gradients of two tensors, out of examples whose mean loss has them. */
  private static Map<String, INDArray> goldenStep(
      double bound, NeuralNetConfiguration.Builder net) {
    Map<String, INDArray> golden = golden();
    ComputationGraph graph =
        new ComputationGraph(
            net.dataType(DataType.DOUBLE)
                .weightInit(WeightInit.ZERO)
                .graphBuilder()
                .addInputs("ones", "one")
                .addLayer("a", output(4, 5), "ones")
                .addLayer("b", output(1, 3), "one")
                .setOutputs("a", "b")
                .build());
    graph.init();
    graph.setListeners(new GradientClipping(bound));
    int examples = 4;
    INDArray[] x = {
      Nd4j.eye(examples).castTo(DataType.DOUBLE), Nd4j.ones(DataType.DOUBLE, examples, 1)
    };
    // Of Σ (0 − y)² the gradient is −2y: a mean over the examples for a, the same each for b.
    INDArray[] y = {
      golden.get("clip/a").mul(-examples / 2.0),
      golden.get("clip/b").reshape(1, 3).repeat(0, examples).div(-2)
    };
    graph.fit(new MultiDataSet(x, y));
    return Map.of("a", graph.getParam("a_W").neg(), "b", graph.getParam("b_W").neg());
  }

  private static OutputLayer output(int in, int out) {
    return new OutputLayer.Builder(LossFunctions.LossFunction.L2)
        .activation(Activation.IDENTITY)
        .nIn(in)
        .nOut(out)
        .hasBias(false)
        .build();
  }

  private static Map<String, INDArray> golden() {
    try {
      return Nd4j.createFromNpzFile(
          new File(GradientClippingTest.class.getResource("/golden/training.npz").toURI()));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertClose(INDArray expected, INDArray found) {
    assertArrayEquals(expected.dup('c').data().asDouble(), found.dup('c').data().asDouble(), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(strings = {"clip1", "clip5", "clip100"})
  void isAsPyTorchHasIt(String name) {
    double bound = golden().get(name + "/maximum").getDouble(0);
    Map<String, INDArray> step =
        goldenStep(bound, new NeuralNetConfiguration.Builder().updater(new Sgd(1)));
    assertClose(golden().get(name + "/a"), step.get("a"));
    assertClose(golden().get(name + "/b"), step.get("b"));
    double norm = golden().get(name + "/norm").getDouble(0);
    assertEquals(
        golden().get(name + "/factor").getDouble(0),
        Math.min(1, new GradientClipping(bound).factor(norm)),
        1e-15);
  }

  private static INDArray psi(INDArray g) {
    return g.sub(g.mul(abs(g)).div(g.norm1Number()));
  }

  private static INDArray abs(INDArray g) {
    return Transforms.abs(g, true);
  }

  /** Ψ, in front of an updater and within one, has the clipped gradient. */
  @Test
  void comesBeforePsi() {
    Map<String, INDArray> before =
        goldenStep(
            1,
            new NeuralNetConfiguration.Builder()
                .updater(new Sgd(1))
                .regularization(List.of(new AgrRegularization())));
    Map<String, INDArray> within =
        goldenStep(
            1,
            new NeuralNetConfiguration.Builder()
                .updater(AdamWAgr.builder().learningRate(1).epsilon(1).build()));
    for (String tensor : List.of("a", "b")) {
      INDArray clipped = golden().get("clip1/" + tensor).dup('c');
      assertClose(psi(clipped), before.get(tensor).reshape(clipped.shape()));
      // The first step of AdamW: first moment / (root of the second + ε), bias-corrected.
      INDArray adam = psi(clipped).div(abs(clipped).add(1));
      assertClose(adam, within.get(tensor).reshape(clipped.shape()));
    }
  }

  @Test
  void smoothsLabels() {
    org.nd4j.linalg.dataset.api.MultiDataSet batch =
        new DataSet(Nd4j.zeros(1, 1), Nd4j.createFromArray(new float[][] {{0, 1, 0, 0}}))
            .toMultiDataSet();
    batch = new LabelSmoothing(0.2).apply(batch, new Position(1, 1, 0));
    assertTrue(
        Nd4j.createFromArray(new float[][] {{.05f, .85f, .05f, .05f}})
            .equalsWithEps(batch.getLabels(0), 1e-6));
  }
}
