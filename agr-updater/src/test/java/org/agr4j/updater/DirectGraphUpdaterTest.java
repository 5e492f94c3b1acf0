package org.agr4j.updater;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.agr4j.regularization.DecoupledWeightDecay;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class DirectGraphUpdaterTest {
  /** Batch norm in the middle, whose statistics DL4J updates in a block of their own. */
  private static ComputationGraph graph(IUpdater updater, List<Regularization> regularizations) {
    ComputationGraphConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .seed(7)
            .updater(updater)
            .biasUpdater(new Sgd(0.05))
            .regularization(regularizations)
            .activation(Activation.TANH)
            .graphBuilder()
            .addInputs("in")
            .addLayer("a", new DenseLayer.Builder().nIn(5).nOut(7).build(), "in")
            .addLayer("norm", new BatchNormalization.Builder().nIn(7).nOut(7).build(), "a")
            .addLayer("b", new DenseLayer.Builder().nIn(7).nOut(6).build(), "norm")
            .addLayer(
                "out",
                new OutputLayer.Builder(LossFunction.MSE)
                    .activation(Activation.IDENTITY)
                    .nIn(6)
                    .nOut(2)
                    .build(),
                "b")
            .setOutputs("out")
            .build();
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    return graph;
  }

  private static DataSet batch(int number) {
    Random random = new Random(number);
    return new DataSet(normal(random, 4, 5), normal(random, 4, 2));
  }

  private static INDArray normal(Random random, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Nd4j.createFromArray(values).reshape('c', rows, columns);
  }

  private static void fit(ComputationGraph graph, int from, int to) {
    for (int step = from; step < to; step++) {
      graph.fit(batch(step));
    }
  }

  static Stream<IUpdater> updaters() {
    return Stream.of(
        new AdamWAgr(0.01), new AdanAgr(0.01), new Adam(0.01), new Nesterovs(0.1), new Sgd(0.1));
  }

  @ParameterizedTest
  @MethodSource("updaters")
  void givesTheBitsOfDl4jsUpdaterFromTheBeginningAndFromTheMiddle(IUpdater updater) {
    List<Regularization> both = List.of(new L2Regularization(0.02), new DecoupledWeightDecay(0.1));
    ComputationGraph plain = graph(updater, both);
    ComputationGraph direct = graph(updater, both);
    ComputationGraph later = graph(updater, both);
    DirectGraphUpdater.install(direct);
    fit(later, 0, 2);
    DirectGraphUpdater.install(later);
    fit(plain, 0, 5);
    fit(direct, 0, 5);
    fit(later, 2, 5);
    assertArrayEquals(plain.params().toFloatVector(), direct.params().toFloatVector());
    assertArrayEquals(plain.params().toFloatVector(), later.params().toFloatVector());
    assertEquals(plain.getUpdater().getStateViewArray(), direct.getUpdater().getStateViewArray());
    assertEquals(plain.getUpdater().getStateViewArray(), later.getUpdater().getStateViewArray());
    assertEquals(plain.score(), direct.score());
  }

  @Test
  void isInstalledOnceOverTheSameState() {
    ComputationGraph graph = graph(new Adam(0.01), List.of());
    fit(graph, 0, 1);
    INDArray state = graph.getUpdater().getStateViewArray();
    DirectGraphUpdater.install(graph);
    assertInstanceOf(DirectGraphUpdater.class, graph.getUpdater());
    assertSame(state, graph.getUpdater().getStateViewArray());
    var installed = graph.getUpdater();
    DirectGraphUpdater.install(graph);
    assertSame(installed, graph.getUpdater());
  }

  /** Counts the arrays it is handed. */
  private static final class Seen implements Regularization {
    private static final long serialVersionUID = 1L;
    private static final Map<INDArray, Boolean> ARRAYS = new IdentityHashMap<>();

    @Override
    public ApplyStep applyStep() {
      return ApplyStep.POST_UPDATER;
    }

    @Override
    public void apply(INDArray param, INDArray gradView, double lr, int iteration, int epoch) {
      ARRAYS.put(param, true);
      ARRAYS.put(gradView, true);
    }

    @Override
    public double score(INDArray param, int iteration, int epoch) {
      return 0;
    }

    @Override
    public Regularization clone() {
      return this;
    }
  }

  @Test
  void handsOutTheSameArraysInEveryStep() {
    ComputationGraph graph = graph(new Adam(0.01), List.of(new Seen()));
    DirectGraphUpdater.install(graph);
    Seen.ARRAYS.clear();
    fit(graph, 0, 1);
    int first = Seen.ARRAYS.size();
    assertEquals(2 * 3, first, "the weights of three layers");
    fit(graph, 1, 4);
    assertEquals(first, Seen.ARRAYS.size());
  }

  @Test
  void takesAnothersGradientAsDl4jDoes() {
    ComputationGraph source = graph(new Sgd(0.1), List.of());
    source.setInputs(batch(3).getFeatures());
    source.setLabels(batch(3).getLabels());
    source.computeGradientAndScore();
    float[][] updates = new float[2][];
    for (int i = 0; i < 2; i++) {
      ComputationGraph graph = graph(new AdamWAgr(0.01), List.of(new DecoupledWeightDecay(0.1)));
      if (i == 1) {
        DirectGraphUpdater.install(graph);
      }
      source.computeGradientAndScore();
      graph
          .getUpdater()
          .update(source.gradient(), 0, 0, 4, LayerWorkspaceMgr.noWorkspacesImmutable());
      updates[i] = source.gradient().gradient().toFloatVector();
    }
    assertArrayEquals(updates[0], updates[1]);
  }
}
