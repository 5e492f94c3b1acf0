package com.example;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Trains the network of the README's first example, and runs the others. */
public final class Main {
  public static void main(String[] args) throws Exception {
    Readme.configuration = aConvolution();
    Readme.examples().get(0).call();
    MultiLayerNetwork network = new MultiLayerNetwork(Readme.conf);
    network.init();
    DataSet data = threeClasses();
    double before = network.score(data);
    for (int step = 0; step < 200; step++) {
      network.fit(data);
    }
    System.out.println("loss " + before + " " + network.score(data));
    for (var example : Readme.examples()) {
      example.call();
    }
    System.out.println("examples " + Readme.examples().size());
  }

  /** Points around three corners. */
  private static DataSet threeClasses() {
    Nd4j.getRandom().setSeed(1);
    INDArray labels = Nd4j.zeros(90, 3);
    INDArray features = Nd4j.randn(90, 4).muli(0.3);
    for (int i = 0; i < 90; i++) {
      labels.putScalar(i, i % 3, 1);
      features.putScalar(i, i % 3, 1 + features.getDouble(i, i % 3));
    }
    return new DataSet(features, labels);
  }

  private static ComputationGraphConfiguration aConvolution() {
    return new NeuralNetConfiguration.Builder()
        .graphBuilder()
        .addInputs("in")
        .setInputTypes(InputType.convolutional(8, 8, 3))
        .addLayer("convolution", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "in")
        .addLayer(
            "out",
            new OutputLayer.Builder().nOut(2).activation(Activation.SOFTMAX).build(),
            "convolution")
        .setOutputs("out")
        .build();
  }

  private Main() {}
}
