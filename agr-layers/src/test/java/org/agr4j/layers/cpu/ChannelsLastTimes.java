package org.agr4j.layers.cpu;

import java.util.Arrays;
import java.util.Locale;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Prints images/s of a small network in both formats, plain and fast: no test, run by name only,
 * with {@code mvn -pl agr-layers test -Dtest=ChannelsLastTimes}.
 */
class ChannelsLastTimes {
  private static final int BATCH = 64;
  private static final int[] CHANNELS = {32, 32, 64, 64, 128, 128};

  private static MultiLayerNetwork network(CNN2DFormat format, boolean batchNorm) {
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .dataType(DataType.FLOAT)
            .updater(new Sgd(0.01))
            .list();
    for (int i = 0; i < CHANNELS.length; i++) {
      int stride = i == 2 || i == 4 ? 2 : 1;
      layers.layer(
          new ConvolutionLayer.Builder(3, 3)
              .stride(stride, stride)
              .convolutionMode(ConvolutionMode.Same)
              .nOut(CHANNELS[i])
              .hasBias(!batchNorm)
              .activation(batchNorm ? Activation.IDENTITY : Activation.RELU)
              .dataFormat(format)
              .build());
      if (batchNorm) {
        layers.layer(new BatchNormalization.Builder().dataFormat(format).build());
        layers.layer(new ActivationLayer(Activation.RELU));
      }
    }
    layers.layer(new GlobalPoolingLayer.Builder(PoolingType.AVG).build());
    layers.layer(new OutputLayer.Builder().nOut(10).activation(Activation.SOFTMAX).build());
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            layers.setInputType(InputType.convolutional(32, 32, 3, format)).build());
    network.init();
    return network;
  }

  @Test
  void print() {
    for (boolean batchNorm : new boolean[] {false, true}) {
      for (CNN2DFormat format : CNN2DFormat.values()) {
        MultiLayerNetwork plain = network(format, batchNorm);
        MultiLayerNetwork fast = network(format, batchNorm);
        FastCpuLayers.install(fast);
        DataSet batch = batch(format);
        double[] plainSeconds = new double[4];
        double[] fastSeconds = new double[16];
        for (int i = 0; i < plainSeconds.length; i++) {
          plainSeconds[i] = seconds(plain, batch);
          for (int j = 0; j < 4; j++) {
            fastSeconds[4 * i + j] = seconds(fast, batch);
          }
        }
        double before = BATCH / median(plainSeconds, 1);
        double after = BATCH / median(fastSeconds, 4);
        System.out.printf(
            Locale.ROOT,
            "%s, %s: plain %.1f images/s, fast %.1f, %.1f times%n",
            batchNorm ? "batch norm and ReLU layers" : "ReLU in the convolution",
            format,
            before,
            after,
            after / before);
      }
    }
  }

  private static DataSet batch(CNN2DFormat format) {
    INDArray images =
        format == CNN2DFormat.NCHW
            ? Nd4j.randn(DataType.FLOAT, BATCH, 3, 32, 32)
            : Nd4j.randn(DataType.FLOAT, BATCH, 32, 32, 3);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, BATCH, 10);
    for (int i = 0; i < BATCH; i++) {
      labels.putScalar(i, i % 10, 1);
    }
    return new DataSet(images, labels);
  }

  private static double seconds(MultiLayerNetwork network, DataSet batch) {
    long start = System.nanoTime();
    network.fit(batch);
    network.score();
    return (System.nanoTime() - start) / 1e9;
  }

  /** Without the first ones, which warm up. */
  private static double median(double[] seconds, int first) {
    double[] rest = Arrays.copyOfRange(seconds, first, seconds.length);
    Arrays.sort(rest);
    return rest[rest.length / 2];
  }
}
