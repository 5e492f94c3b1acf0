package org.agr4j.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.agr4j.acprop.ACProp;
import org.agr4j.placebo.Placebo;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AdanAgr;
import org.agr4j.updater.AgrMode;
import org.agr4j.zoo.NamedNetwork;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;

/** Each name is the optimizer it says, and decays each weight once and no bias. */
class OptimizerChoiceTest {
  private static final double LR = 0.25;
  private static final ISchedule RATE = new FixedSchedule(LR);
  private static final double DECAY = 0.5;
  private static final String LAYER = "stage1_block1_conv1";

  private static ComputationGraphConfiguration conf(OptimizerChoice optimizer, double decay) {
    return optimizer
        .plan(OptimizerSettings.of(optimizer, decay), RATE, 1)
        .applyTo(
            NamedNetwork.RESNET18
                .builder(3, 8, 8)
                .numClasses(10)
                .width(2)
                .seed(3)
                .updater(new NoOp())
                .build()
                .conf());
  }

  private static BaseLayer layer(ComputationGraph graph, String name) {
    return (BaseLayer)
        ((LayerVertex) graph.getConfiguration().getVertices().get(name)).getLayerConf().getLayer();
  }

  private static ComputationGraph init(ComputationGraphConfiguration conf) {
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    return graph;
  }

  @ParameterizedTest
  @EnumSource(OptimizerChoice.class)
  void isTheOptimizerItSays(OptimizerChoice optimizer) {
    IUpdater expected =
        switch (optimizer) {
          case ADAMW -> new AdamWAgr(RATE).withMode(AgrMode.OFF);
          case ADAMW_AGR -> new AdamWAgr(RATE);
          case ADAN -> new AdanAgr(RATE).withMode(AgrMode.OFF);
          case ADAN_AGR -> new AdanAgr(RATE);
          case ADAMW_PLACEBO -> new Placebo(new AdamWAgr(RATE), 20261125);
          case ADAN_PLACEBO -> new Placebo(new AdanAgr(RATE), 20261125);
          case ADAM -> new Adam(RATE);
          case NESTEROVS -> new Nesterovs(RATE, 0.9);
          case RMSPROP -> new RmsProp(RATE);
          case ACPROP -> ACProp.builder().learningRateSchedule(RATE).epsilon(1e-8).build();
        };
    assertEquals(expected, layer(init(conf(optimizer, DECAY)), LAYER).getUpdaterByParam("W"));
  }

  @ParameterizedTest
  @EnumSource(OptimizerChoice.class)
  void decaysEachWeightOnceAndNoBias(OptimizerChoice optimizer) {
    ComputationGraph graph = init(conf(optimizer, DECAY));
    for (String name : List.of("stem", LAYER, "output")) {
      List<Regularization> weights = layer(graph, name).getRegularizationByParam("W");
      assertEquals(1, weights.size(), name + " " + weights);
    }
    assertTrue(isEmpty(layer(graph, "output").getRegularizationByParam("b")));
    graph = init(conf(optimizer, 0));
    assertTrue(isEmpty(layer(graph, LAYER).getRegularizationByParam("W")));
  }

  private static boolean isEmpty(List<Regularization> regularizations) {
    return regularizations == null || regularizations.isEmpty();
  }

  /** ACProp's first step is that of gradient descent, so it shows the gradient with its decay. */
  @Test
  void acPropsDecayIsAddedToTheGradient() {
    INDArray start = init(conf(OptimizerChoice.ACPROP, DECAY)).getParam(LAYER + "_W");
    INDArray without = weightsAfterOneStep(0);
    INDArray with = weightsAfterOneStep(DECAY);
    INDArray expected = start.mul(LR * DECAY);
    assertTrue(
        without.sub(with).equalsWithEps(expected, 1e-5), () -> without.sub(with) + " " + expected);
  }

  private static INDArray weightsAfterOneStep(double decay) {
    ComputationGraph graph = init(conf(OptimizerChoice.ACPROP, decay));
    Nd4j.getRandom().setSeed(5);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, 4, 10);
    for (int i = 0; i < 4; i++) {
      labels.putScalar(i, i, 1);
    }
    graph.fit(new DataSet(Nd4j.randn(DataType.FLOAT, 4, 3, 8, 8), labels));
    return graph.getParam(LAYER + "_W");
  }
}
