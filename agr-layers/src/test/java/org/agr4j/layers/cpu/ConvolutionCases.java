package org.agr4j.layers.cpu;

import java.util.Random;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Small networks of both data formats, and their images. */
final class ConvolutionCases {
  static final int HEIGHT = 8;
  static final int WIDTH = 7;
  static final int CHANNELS = 4;
  private static final int CLASSES = 3;

  private ConvolutionCases() {}

  /** The layers and a dense output, whose gradient differs from pixel to pixel. */
  static MultiLayerConfiguration network(CNN2DFormat format, Layer... layers) {
    return network(format, settings -> {}, layers);
  }

  static MultiLayerConfiguration network(
      CNN2DFormat format, Consumer<NeuralNetConfiguration.Builder> settings, Layer... layers) {
    NeuralNetConfiguration.Builder builder =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .weightInit(WeightInit.RELU)
            .dataType(DataType.FLOAT)
            .updater(new Sgd(0.05));
    settings.accept(builder);
    NeuralNetConfiguration.ListBuilder list = builder.list();
    for (Layer layer : layers) {
      list.layer(layer);
    }
    return list.layer(
            new OutputLayer.Builder().nOut(CLASSES).activation(Activation.SOFTMAX).build())
        .setInputType(InputType.convolutional(HEIGHT, WIDTH, CHANNELS, format))
        .build();
  }

  static ConvolutionLayer.Builder convolution(CNN2DFormat format, IActivation activation) {
    return new ConvolutionLayer.Builder(3, 3)
        .nOut(5)
        .biasInit(0.1)
        .activation(activation)
        .dataFormat(format);
  }

  static DataSet data(CNN2DFormat format, int batch) {
    return data(format, batch, HEIGHT, WIDTH);
  }

  /** Images of any size, and labels, always the same. */
  static DataSet data(CNN2DFormat format, int batch, int height, int width) {
    Random random = new Random(3);
    INDArray images =
        format == CNN2DFormat.NCHW
            ? Nd4j.createUninitialized(DataType.FLOAT, batch, CHANNELS, height, width)
            : Nd4j.createUninitialized(DataType.FLOAT, batch, height, width, CHANNELS);
    for (long i = 0; i < images.length(); i++) {
      images.putScalar(i, random.nextGaussian() + 0.3);
    }
    INDArray labels = Nd4j.zeros(DataType.FLOAT, batch, CLASSES);
    for (int i = 0; i < batch; i++) {
      labels.putScalar(i, i % CLASSES, 1);
    }
    return new DataSet(images, labels);
  }
}
