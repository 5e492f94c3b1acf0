package org.agr4j;

import static org.agr4j.TensorRole.BIAS;
import static org.agr4j.TensorRole.NORM;
import static org.agr4j.TensorRole.STATISTIC;
import static org.agr4j.TensorRole.WEIGHT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agr4j.regularization.DecoupledWeightDecay;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.Regularization;

class TensorRoleTest {
  @Test
  void batchNormHasNormsAndStatisticsWhateverTheUpdater() {
    for (IUpdater updater : List.of(new Sgd(1), new NoOp())) {
      MultiLayerNetwork net =
          new MultiLayerNetwork(
              new NeuralNetConfiguration.Builder()
                  .updater(updater)
                  .list()
                  .layer(new DenseLayer.Builder().nIn(3).nOut(2).hasLayerNorm(true).build())
                  .layer(new BatchNormalization())
                  .layer(new FrozenLayer(new DenseLayer.Builder().nIn(2).nOut(2).build()))
                  .layer(new OutputLayer.Builder().nIn(2).nOut(2).build())
                  .setInputType(InputType.feedForward(3))
                  .build());
      net.init();
      Map<String, TensorRole> expected = new LinkedHashMap<>();
      expected.put("0_W", WEIGHT);
      expected.put("0_g", WEIGHT); // DL4J's word
      expected.put("0_b", BIAS);
      expected.put("1_gamma", NORM);
      expected.put("1_beta", NORM);
      expected.put("1_mean", STATISTIC);
      expected.put("1_log10stdev", STATISTIC);
      expected.put("2_W", WEIGHT);
      expected.put("2_b", BIAS);
      expected.put("3_W", WEIGHT);
      expected.put("3_b", BIAS);
      assertEquals(expected, TensorRole.of(net));
    }
  }

  @Test
  void wrappersAndVerticesAreOpened() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .updater(new Sgd(1))
                .weightInit(WeightInit.XAVIER)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.recurrent(4, 3))
                .addLayer("lstm", new Bidirectional(new LSTM.Builder().nOut(2).build()), "in")
                .addVertex(
                    "attention",
                    new AttentionVertex.Builder()
                        .nInQueries(4)
                        .nInKeys(4)
                        .nInValues(4)
                        .nOut(4)
                        .nHeads(1)
                        .projectInput(true)
                        .build(),
                    "lstm",
                    "lstm",
                    "lstm")
                .addLayer("out", new RnnOutputLayer.Builder().nOut(2).build(), "attention")
                .setOutputs("out")
                .build());
    graph.init();
    Map<String, TensorRole> roles = TensorRole.of(graph);
    assertEquals(graph.paramTable().keySet(), roles.keySet());
    roles.forEach(
        (name, role) -> assertEquals(name.matches(".*_[fb]?b") ? BIAS : WEIGHT, role, name));
  }

  @Test
  void aCentreIsAStatistic() {
    assertEquals(
        STATISTIC, TensorRole.of(new CenterLossOutputLayer.Builder().nOut(2).build(), "cL"));
  }

  /** A plan with a rate of its own for every role reaches each layer's tensors by their roles. */
  @Test
  void aPlanReachesEveryRole() {
    OptimizerPlan plan =
        new OptimizerPlan() {
          @Override
          public IUpdater updater(TensorRole role) {
            return new Sgd(1 + role.ordinal());
          }

          @Override
          public Regularization decay(TensorRole role) {
            return role == WEIGHT ? new DecoupledWeightDecay(0.1) : null;
          }
        };
    ComputationGraphConfiguration conf =
        plan.applyTo(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(3))
                .addLayer("dense", new DenseLayer.Builder().nOut(2).build(), "in")
                .addLayer("norm", new BatchNormalization(), "dense")
                .addLayer("out", new OutputLayer.Builder().nOut(2).build(), "norm")
                .setOutputs("out")
                .build());
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    TensorRole.of(graph)
        .forEach(
            (name, role) -> {
              String layer = name.substring(0, name.lastIndexOf('_'));
              String parameter = name.substring(name.lastIndexOf('_') + 1);
              var owner = graph.getLayer(layer).conf().getLayer();
              assertEquals(
                  role == STATISTIC ? new NoOp() : new Sgd(1 + role.ordinal()),
                  owner.getUpdaterByParam(parameter),
                  name);
              List<Regularization> decay = owner.getRegularizationByParam(parameter);
              if (role == WEIGHT) {
                assertEquals(List.of(new DecoupledWeightDecay(0.1)), decay, name);
              } else if (decay == null) {
                assertNull(decay, name);
              } else {
                assertEquals(List.of(), decay, name);
              }
            });
  }
}
