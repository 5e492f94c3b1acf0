package org.agr4j.internal.layout;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.variational.GaussianReconstructionDistribution;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small networks that between them have every way DL4J lays tensors into blocks. */
public final class Networks {
  private Networks() {}

  /** Each network by name, initialized, with the given updater for all tensors. */
  public static Map<String, Model> all(IUpdater updater) {
    Map<String, Model> networks = new LinkedHashMap<>();
    networks.put("convolution with bias", convolution(updater, true));
    networks.put("convolution without bias", convolution(updater, false));
    networks.put("batch norm between", batchNorm(updater));
    networks.put("LSTM", recurrent(updater, new LSTM.Builder().nIn(3).nOut(4).build()));
    networks.put("Graves LSTM", recurrent(updater, gravesLstm()));
    networks.put(
        "bidirectional",
        recurrent(
            updater,
            new Bidirectional(Bidirectional.Mode.ADD, new LSTM.Builder().nIn(3).nOut(4).build())));
    networks.put("last time step", lastTimeStep(updater));
    networks.put("embedding", embedding(updater));
    networks.put("embedding sequence and attention", attention(updater));
    networks.put("frozen", frozen(updater));
    networks.put("bias updater", biasUpdater(updater));
    networks.put("another updater between", mixed(updater));
    networks.put("pretraining", pretraining(updater));
    networks.put("graph with a shortcut", graph(updater));
    networks.put("graph with attention vertex", attentionVertex(updater));
    return networks;
  }

  private static NeuralNetConfiguration.Builder start(IUpdater updater) {
    return new NeuralNetConfiguration.Builder().seed(7).updater(updater);
  }

  private static MultiLayerNetwork init(NeuralNetConfiguration.ListBuilder layers) {
    MultiLayerNetwork net = new MultiLayerNetwork(layers.build());
    net.init();
    return net;
  }

  private static OutputLayer output(int nIn) {
    return new OutputLayer.Builder(LossFunction.MCXENT)
        .nIn(nIn)
        .nOut(3)
        .activation(Activation.SOFTMAX)
        .build();
  }

  /** With bias, one block of the tensors [8, 72, 4, 288, 16, 576, 48, 3]. */
  public static MultiLayerNetwork convolution(IUpdater updater, boolean bias) {
    return init(
        start(updater)
            .convolutionMode(ConvolutionMode.Same)
            .list()
            .layer(new ConvolutionLayer.Builder(3, 3).nOut(8).hasBias(bias).build())
            .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).stride(2, 2).hasBias(bias).build())
            .layer(new DenseLayer.Builder().nOut(16).build())
            .layer(output(16))
            .setInputType(InputType.convolutional(6, 6, 1)));
  }

  private static MultiLayerNetwork batchNorm(IUpdater updater) {
    return init(
        start(updater)
            .list()
            .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).hasBias(false).build())
            .layer(new BatchNormalization())
            .layer(new PReLULayer.Builder().inputShape(4, 4, 4).build())
            .layer(new ConvolutionLayer.Builder(2, 2).nOut(4).build())
            .layer(new BatchNormalization.Builder().lockGammaBeta(true).build())
            .layer(new GlobalPoolingLayer())
            .layer(output(4))
            .setInputType(InputType.convolutional(6, 6, 1)));
  }

  private static MultiLayerNetwork recurrent(
      IUpdater updater, org.deeplearning4j.nn.conf.layers.Layer layer) {
    return init(
        start(updater)
            .list()
            .layer(layer)
            .layer(new SimpleRnn.Builder().nIn(4).nOut(5).build())
            .layer(
                new RnnOutputLayer.Builder(LossFunction.MCXENT)
                    .nIn(5)
                    .nOut(3)
                    .activation(Activation.SOFTMAX)
                    .build()));
  }

  @SuppressWarnings("deprecation") // deprecated in DL4J, still in use
  private static GravesLSTM gravesLstm() {
    return new GravesLSTM.Builder().nIn(3).nOut(4).build();
  }

  private static MultiLayerNetwork lastTimeStep(IUpdater updater) {
    return init(
        start(updater)
            .list()
            .layer(new LastTimeStep(new LSTM.Builder().nIn(3).nOut(4).build()))
            .layer(output(4)));
  }

  private static MultiLayerNetwork embedding(IUpdater updater) {
    return init(
        start(updater)
            .list()
            .layer(new EmbeddingLayer.Builder().nIn(10).nOut(4).hasBias(true).build())
            .layer(new DenseLayer.Builder().nIn(4).nOut(4).hasLayerNorm(true).build())
            .layer(output(4)));
  }

  private static MultiLayerNetwork attention(IUpdater updater) {
    return init(
        start(updater)
            .list()
            .layer(new EmbeddingSequenceLayer.Builder().nIn(10).nOut(4).build())
            .layer(
                new SelfAttentionLayer.Builder()
                    .nIn(4)
                    .nOut(4)
                    .nHeads(2)
                    .projectInput(true)
                    .build())
            .layer(new GlobalPoolingLayer())
            .layer(output(4)));
  }

  private static MultiLayerNetwork frozen(IUpdater updater) {
    return init(
        start(updater)
            .list()
            .layer(new DenseLayer.Builder().nIn(3).nOut(4).build())
            .layer(new FrozenLayer(new DenseLayer.Builder().nIn(4).nOut(5).build()))
            .layer(new DenseLayer.Builder().nIn(5).nOut(6).build())
            .layer(new FrozenLayerWithBackprop(new DenseLayer.Builder().nIn(6).nOut(4).build()))
            .layer(output(4)));
  }

  private static MultiLayerNetwork biasUpdater(IUpdater updater) {
    return init(
        start(updater)
            .biasUpdater(new Sgd(0.1))
            .list()
            .layer(new DenseLayer.Builder().nIn(3).nOut(4).build())
            .layer(new DenseLayer.Builder().nIn(4).nOut(4).hasBias(false).build())
            .layer(output(4)));
  }

  private static MultiLayerNetwork mixed(IUpdater updater) {
    return init(
        start(updater)
            .list()
            .layer(new DenseLayer.Builder().nIn(3).nOut(4).build())
            .layer(new DenseLayer.Builder().nIn(4).nOut(4).updater(new Sgd(0.1)).build())
            .layer(output(4)));
  }

  private static MultiLayerNetwork pretraining(IUpdater updater) {
    return init(
        start(updater)
            .list()
            .layer(new AutoEncoder.Builder().nIn(6).nOut(4).build())
            .layer(
                new VariationalAutoencoder.Builder()
                    .nIn(4)
                    .nOut(3)
                    .encoderLayerSizes(5)
                    .decoderLayerSizes(5)
                    .reconstructionDistribution(
                        new GaussianReconstructionDistribution(Activation.TANH))
                    .build())
            .layer(output(3)));
  }

  /** A graph of two convolutions and the sum of their outputs. */
  public static ComputationGraph graph(IUpdater updater) {
    ComputationGraph net =
        new ComputationGraph(
            start(updater)
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(6, 6, 2))
                .addLayer("a", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "in")
                .addLayer("norm", new BatchNormalization(), "a")
                .addLayer(
                    "b", new ConvolutionLayer.Builder(1, 1).nOut(4).hasBias(false).build(), "in")
                .addVertex("add", new ElementWiseVertex(ElementWiseVertex.Op.Add), "norm", "b")
                .addLayer("pool", new GlobalPoolingLayer(), "add")
                .addLayer("out", output(4), "pool")
                .setOutputs("out")
                .build());
    net.init();
    return net;
  }

  private static ComputationGraph attentionVertex(IUpdater updater) {
    ComputationGraph net =
        new ComputationGraph(
            start(updater)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.recurrent(4, 5))
                .addLayer("rnn", new SimpleRnn.Builder().nIn(4).nOut(4).build(), "in")
                .addVertex(
                    "attention",
                    new AttentionVertex.Builder()
                        .nInKeys(4)
                        .nInValues(4)
                        .nInQueries(4)
                        .nOut(4)
                        .nHeads(2)
                        .projectInput(true)
                        .build(),
                    "rnn",
                    "rnn",
                    "rnn")
                .addLayer("pool", new GlobalPoolingLayer(), "attention")
                .addLayer("out", output(4), "pool")
                .setOutputs("out")
                .build());
    net.init();
    return net;
  }
}
