package org.agr4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agr4j.internal.layout.Networks;
import org.agr4j.regularization.DecoupledWeightDecay;
import org.agr4j.regularization.ProximalWeightDecay;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AdanAgr;
import org.agr4j.updater.AgrMode;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.misc.DummyConfig;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** {@link Agr} reaches every tensor that trains, and only those, in every kind of network. */
class AgrTest {
  private static final Agr ADAMW = Agr.adamW(3e-4).weightDecay(0.05);
  private static final List<Regularization> DECAY = List.of(new DecoupledWeightDecay(0.05));

  static Stream<String> networks() {
    return Networks.all(new Adam()).keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void weightsGetPsiAndDecayAndTheRestNeither(String name) {
    IUpdater weights = new AdamWAgr(3e-4);
    IUpdater others = new AdamWAgr(3e-4).withMode(AgrMode.OFF);
    assertTensors(switched(name, ADAMW), weights, DECAY, others, List.of());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void everyTensorGetsBoth(String name) {
    IUpdater all = new AdamWAgr(3e-4);
    assertTensors(switched(name, ADAMW.everyTensor()), all, DECAY, all, DECAY);
  }

  /** Through JSON, too: what is written there is what trains. */
  private static Model switched(String name, Agr agr) {
    Model net = Networks.all(new Adam()).get(name);
    if (net instanceof MultiLayerNetwork m) {
      String json = agr.applyTo(m.getLayerWiseConfigurations().clone()).toJson();
      MultiLayerNetwork copy = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(json));
      copy.init();
      return copy;
    }
    String json = agr.applyTo(((ComputationGraph) net).getConfiguration()).toJson();
    ComputationGraph copy = new ComputationGraph(ComputationGraphConfiguration.fromJson(json));
    copy.init();
    return copy;
  }

  private static void assertTensors(
      Model net,
      IUpdater weights,
      List<Regularization> weightRegularizations,
      IUpdater biases,
      List<Regularization> biasRegularizations) {
    Trainable[] trained =
        net instanceof MultiLayerNetwork m ? m.getLayers() : ((ComputationGraph) net).getVertices();
    int seen = 0;
    for (Trainable t : trained) {
      if (t.numParams() == 0 || t instanceof FrozenLayerWithBackprop) {
        continue;
      }
      for (String param : t.paramTable(false).keySet()) {
        IUpdater updater = t.getConfig().getUpdaterByParam(param);
        boolean frozen = t.getConfig() instanceof DummyConfig || updater instanceof NoOp;
        if (updater == null || frozen || param.equals("vb")) {
          continue; // frozen layers, batch norm's running statistics; vb: see Agr
        }
        String where = t.getConfig().getLayerName() + "." + param;
        boolean bias = isBias(param);
        boolean norm = t.getConfig() instanceof BatchNormalization;
        assertEquals(bias || norm ? biases : weights, updater, where);
        if (!norm) { // DL4J decays no batch normalization
          assertEquals(
              bias ? biasRegularizations : weightRegularizations,
              t.getConfig().getRegularizationByParam(param),
              where);
        }
        seen++;
      }
    }
    assertTrue(seen >= 2);
  }

  /**
   * DL4J's names of biases: b, of Bidirectional fb and bb, of variational autoencoders e0b, d0b, ….
   */
  private static boolean isBias(String param) {
    return param.equals("b")
        || param.matches("[fb]b|[ed]\\d+b|pZX(Mean|LogStd2)b|pXZb")
        || param.equals("beta");
  }

  @Test
  void wrappersAreOpened() {
    MultiLayerConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .updater(new Adam())
            .list()
            .layer(new TimeDistributed(new DenseLayer.Builder().nIn(3).nOut(4).build()))
            .layer(new MaskZeroLayer(new LSTM.Builder().nIn(4).nOut(4).build(), 0))
            .layer(
                new Bidirectional(
                    new SimpleRnn.Builder().nIn(4).nOut(5).hasLayerNorm(true).build()))
            .build();
    MultiLayerNetwork net = new MultiLayerNetwork(ADAMW.applyTo(conf));
    net.init();
    for (String weight : List.of("0.W", "1.W", "1.RW", "2.fRW", "2.bW", "2.bg")) {
      assertTrains(net, weight, AgrMode.FIRST_MOMENT, DECAY);
    }
    for (String bias : List.of("0.b", "1.b", "2.fb", "2.bb")) {
      assertTrains(net, bias, AgrMode.OFF, List.of());
    }
  }

  /** Where DL4J has no updater or no decay of its own for a bias. */
  @Test
  void twoBiasesGetPsiAsDocumented() {
    MultiLayerConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .updater(new Adam())
            .list()
            .layer(new AutoEncoder.Builder().nIn(3).nOut(4).build())
            .layer(new CenterLossOutputLayer.Builder(LossFunction.MSE).nIn(4).nOut(3).build())
            .build();
    MultiLayerNetwork net = new MultiLayerNetwork(ADAMW.applyTo(conf));
    net.init();
    assertTrains(net, "0.b", AgrMode.OFF, List.of());
    assertTrains(net, "0.vb", AgrMode.FIRST_MOMENT, null);
    assertTrains(net, "1.W", AgrMode.FIRST_MOMENT, DECAY);
    assertTrains(net, "1.b", AgrMode.FIRST_MOMENT, List.of());
    assertEquals(new NoOp(), net.getLayer(1).getConfig().getUpdaterByParam("cL"), "the centers");
  }

  private static void assertTrains(
      MultiLayerNetwork net, String tensor, AgrMode mode, List<Regularization> regularizations) {
    String param = tensor.substring(2);
    TrainingConfig layer = net.getLayer(tensor.charAt(0) - '0').getConfig();
    assertEquals(new AdamWAgr(3e-4).withMode(mode), layer.getUpdaterByParam(param), tensor);
    assertEquals(regularizations, layer.getRegularizationByParam(param), tensor);
  }

  @Test
  void aFrozenVertexStaysAsItIs() {
    ComputationGraph net =
        (ComputationGraph) Networks.all(new Adam()).get("graph with attention vertex");
    ComputationGraphConfiguration conf = net.getConfiguration();
    AttentionVertex attention = (AttentionVertex) conf.getVertices().get("attention");
    conf.getVertices().put("attention", new FrozenVertex(attention));
    ADAMW.applyTo(conf);
    assertEquals(new Adam(), attention.getUpdater());
    conf.getVertices().put("attention", attention);
    ADAMW.applyTo(conf);
    assertEquals(new AdamWAgr(3e-4), attention.getUpdater());
  }

  @Test
  void aCloneOfTheConfigurationLeavesALiveNetworkAlone() {
    MultiLayerConfiguration conf = dense();
    MultiLayerNetwork net = new MultiLayerNetwork(conf);
    net.init();
    ADAMW.applyTo(conf.clone());
    assertEquals(new Adam(), net.getLayer(0).getConfig().getUpdaterByParam("W"));
    assertSame(conf, ADAMW.applyTo(conf));
    assertTrains(net, "0.W", AgrMode.FIRST_MOMENT, DECAY);
  }

  @Test
  void theGivenOptimizerIsCopied() {
    AdamWAgr given = new AdamWAgr(3e-4);
    Agr agr = Agr.adamW(given);
    given.setLrAndSchedule(9, null);
    MultiLayerConfiguration conf = agr.applyTo(dense());
    assertEquals(new AdamWAgr(3e-4), conf.getConf(0).getLayer().getUpdaterByParam("W"));
  }

  @Test
  void adanDecaysProximallyUnlessToldOtherwise() {
    MultiLayerConfiguration conf = dense();
    Agr.adan(2e-3).mode(AgrMode.ALL_MOMENTS).weightDecay(0.02).applyTo(conf);
    BaseLayer layer = (BaseLayer) conf.getConf(0).getLayer();
    assertEquals(new AdanAgr(2e-3).withMode(AgrMode.ALL_MOMENTS), layer.getIUpdater());
    assertEquals(new AdanAgr(2e-3).withMode(AgrMode.OFF), layer.getBiasUpdater());
    assertEquals(List.of(new ProximalWeightDecay(0.02)), layer.getRegularization());

    Agr.adan(2e-3).weightDecay(0.02).decoupled().applyTo(conf);
    assertEquals(List.of(new DecoupledWeightDecay(0.02)), layer.getRegularization());
    Agr.adan(2e-3).applyTo(conf);
    assertEquals(List.of(), layer.getRegularization(), "no decay is Adan's default");
    Agr.adamW(2e-3).applyTo(conf);
    assertEquals(List.of(new DecoupledWeightDecay(1e-2)), layer.getRegularization());
  }

  @Test
  void otherRegularizationsStayAndOtherDecaysGo() {
    MultiLayerConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .l1(0.1)
            .weightDecay(0.3)
            .weightDecayBias(0.3)
            .updater(new Adam())
            .list()
            .layer(new DenseLayer.Builder().nIn(2).nOut(3).build())
            .build();
    ADAMW.applyTo(conf);
    BaseLayer layer = (BaseLayer) conf.getConf(0).getLayer();
    assertInstanceOf(L1Regularization.class, layer.getRegularization().get(0));
    assertEquals(DECAY, layer.getRegularization().subList(1, layer.getRegularization().size()));
    assertEquals(List.of(), layer.getRegularizationBias());
  }

  @Test
  void networkWideRegularizationsActOnce() {
    MultiLayerConfiguration conf =
        new NeuralNetConfiguration.Builder()
            .updater(new AdamWAgr())
            .regularization(DECAY)
            .list()
            .layer(new DenseLayer.Builder().nIn(2).nOut(3).build())
            .layer(
                new DenseLayer.Builder()
                    .nIn(3)
                    .nOut(3)
                    .regularization(List.of(new DecoupledWeightDecay(0.7)))
                    .build())
            .build();
    assertEquals(DECAY, conf.getConf(0).getLayer().getRegularizationByParam("W"));
    assertEquals(
        List.of(new DecoupledWeightDecay(0.7)),
        conf.getConf(1).getLayer().getRegularizationByParam("W"),
        "the layer's own goes first");
  }

  @Test
  void strengthAndScheduleReachTheUpdater() {
    MultiLayerConfiguration conf = dense();
    MapSchedule until250 = new MapSchedule(ScheduleType.EPOCH, Map.of(0, 1.0, 250, 0.0));
    Agr.adamW(until250).strength(until250).applyTo(conf);
    AdamWAgr updater = (AdamWAgr) ((BaseLayer) conf.getConf(0).getLayer()).getIUpdater();
    assertEquals(until250, updater.getAgrStrength());
    assertEquals(until250, updater.getLearningRateSchedule());
  }

  @Test
  void badNumbersAreRefusedAtOnce() {
    assertThrows(IllegalArgumentException.class, () -> Agr.adamW(-1));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Agr.adamW(1e-3).weightDecay(-0.1));
    assertTrue(e.getMessage().contains("weightDecay = -0.1"), e.getMessage());
  }

  private static MultiLayerConfiguration dense() {
    return new NeuralNetConfiguration.Builder()
        .updater(new Adam())
        .list()
        .layer(new DenseLayer.Builder().nIn(2).nOut(3).build())
        .build();
  }
}
