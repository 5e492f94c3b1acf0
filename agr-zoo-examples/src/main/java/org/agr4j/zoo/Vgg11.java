package org.agr4j.zoo;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * VGG-11 with batch norm for small images: eight 3×3 convolutions of widths 1, 2, 4, 4, 8, 8, 8, 8
 * times w, each followed by batch norm and ReLU, with a 2×2 max pooling after the first, second,
 * fourth, sixth and eighth; then a classifier 8w → 64w → 64w → classes with ReLU, and dropout of ½
 * in front of its second and third layer.
 *
 * <p>After five poolings a 32×32 image is one pixel, a 64×64 image four, which are averaged so that
 * the classifier is the same. Convolutions have a bias, as torchvision's, although batch norm takes
 * it away again. Input [N, channels, height, width], multiples of 32; output [N, classes] softmax
 * probabilities under cross entropy. Trainable parameters at width 64 with 3 channels and 100
 * classes:
 *
 * <pre>
 *   convolutions   their biases   γ and β   classifier       total
 *      9,217,728          2,752     5,504   19,292,260  28,518,244
 * </pre>
 *
 * <p>Source: Simonyan and Zisserman, arXiv 1409.1556, configuration A, with the classifier of the
 * AGR paper's CIFAR experiments.
 */
public final class Vgg11 {
  private Vgg11() {}

  /** A builder with the defaults. */
  public static ImageNetworkBuilder builder() {
    return new Plain();
  }

  private static final class Plain extends ImageNetworkBuilder {
    private static final int[] MULTIPLES = {1, 2, 4, 4, 8, 8, 8, 8};
    private static final List<Integer> POOLED = List.of(1, 2, 4, 6, 8);
    private static final int HIDDEN_MULTIPLE = 64;
    private static final double KEPT = 0.5;

    // As in ResidualStack.
    private static final double STATISTICS_DECAY = 0.9;
    private static final double VARIANCE_EPSILON = 1e-5;

    Plain() {
      super(32);
    }

    @Override
    double keptBeforeOutput() {
      return KEPT;
    }

    @Override
    String addLayers(
        GraphBuilder graph,
        String input,
        int channels,
        int width,
        List<Regularization> regularization) {
      String last = input;
      for (int i = 1; i <= MULTIPLES.length; i++) {
        graph.addLayer(
            "conv" + i,
            new ConvolutionLayer.Builder(3, 3)
                .padding(1, 1)
                .convolutionMode(ConvolutionMode.Truncate)
                .nOut(width * MULTIPLES[i - 1])
                .regularization(new ArrayList<>(regularization))
                .build(),
            last);
        graph.addLayer(
            "bn" + i,
            new BatchNormalization.Builder().decay(STATISTICS_DECAY).eps(VARIANCE_EPSILON).build(),
            "conv" + i);
        graph.addLayer("relu" + i, new ActivationLayer(Activation.RELU), "bn" + i);
        last = "relu" + i;
        if (POOLED.contains(i)) {
          graph.addLayer(
              "pool" + i,
              new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                  .kernelSize(2, 2)
                  .stride(2, 2)
                  .build(),
              last);
          last = "pool" + i;
        }
      }
      graph.addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), last);
      graph.addLayer("dense1", dense(width, regularization).build(), "pool");
      graph.addLayer("dense2", dense(width, regularization).dropOut(KEPT).build(), "dense1");
      return "dense2";
    }

    private static DenseLayer.Builder dense(int width, List<Regularization> regularization) {
      DenseLayer.Builder dense =
          new DenseLayer.Builder().nOut(HIDDEN_MULTIPLE * width).activation(Activation.RELU);
      dense.regularization(new ArrayList<>(regularization));
      return dense;
    }
  }
}
