package org.agr4j.zoo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.agr4j.updater.AdamWAgr;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * ResNet-18 for small images: a 3×3 stem of stride 1 without max pooling, four stages of two basic
 * blocks of widths w, 2w, 4w, 8w, and real average pooling.
 *
 * <pre>
 *   block(x) = ReLU( BN(conv3×3( ReLU(BN(conv3×3(x))) )) + shortcut(x) )
 * </pre>
 *
 * The shortcut is x itself, or BN(conv1×1, stride 2) where a stage halves the image. Convolutions
 * have no bias, padding is explicit (1 for 3×3), weights are He normal, √(2/fan-in). Batch norm
 * keeps 0.9 of its running statistics each step and adds 1e-5 to the variance, as PyTorch does.
 *
 * <p>Input [N, channels, height, width], output [N, classes] softmax probabilities under cross
 * entropy. Layers are named after their place, for example {@code stem}, {@code
 * stage1_block1_conv1}, {@code stage2_block1_shortcut}, {@code output}. Trainable parameters with 3
 * channels:
 *
 * <pre>
 *   width  classes   convolutions   γ and β   output       total
 *      64      100     11,159,232     9,600   51,300  11,220,132
 *      64       10     11,159,232     9,600    5,130  11,173,962
 *      16      100        697,776     2,400   12,900     713,076
 * </pre>
 *
 * DL4J's {@code numParams()} also counts the running means and log deviations, as many as γ and β.
 *
 * <pre>{@code
 * ComputationGraph graph =
 *     ResNet18.builder().numClasses(10).updater(new AdamWAgr(1e-3)).build().init();
 * }</pre>
 *
 * <p>Source: He et al., arXiv 1512.03385, with the stem of the AGR paper's CIFAR experiments.
 */
public final class ResNet18 {
  private static final int STAGES = 4;
  private static final int BLOCKS_PER_STAGE = 2;

  private final Builder settings;

  private ResNet18(Builder settings) {
    this.settings = settings;
  }

  /** A builder with the defaults: 3×32×32 images, 100 classes, width 64, seed 1234, FLOAT. */
  public static Builder builder() {
    return new Builder();
  }

  /** The network's configuration. */
  public ComputationGraphConfiguration conf() {
    // Regularizations are set layer by layer: of those set for the whole network DL4J applies each
    // twice, unless it is one of L1 and L2.
    NeuralNetConfiguration.Builder global =
        new NeuralNetConfiguration.Builder()
            .seed(settings.seed)
            .dataType(settings.dataType)
            .updater(settings.updater)
            .weightInit(WeightInit.RELU)
            .activation(Activation.IDENTITY);
    int[] shape = settings.inputShape;
    ComputationGraphConfiguration.GraphBuilder graph =
        global
            .graphBuilder()
            .addInputs("input")
            .setInputTypes(InputType.convolutional(shape[1], shape[2], shape[0]));

    ResidualStack stack =
        new ResidualStack(graph, "input", shape[0], settings.regularization)
            .stem("stem", 3, 1, settings.width);
    for (int stage = 1; stage <= STAGES; stage++) {
      int width = settings.width << (stage - 1);
      for (int block = 1; block <= BLOCKS_PER_STAGE; block++) {
        int stride = stage > 1 && block == 1 ? 2 : 1;
        stack.basicBlock("stage" + stage + "_block" + block, stride, width);
      }
    }
    return graph
        .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), stack.last())
        .addLayer(
            "output",
            new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(settings.numClasses)
                .activation(Activation.SOFTMAX)
                .regularization(new ArrayList<>(settings.regularization))
                .build(),
            "pool")
        .setOutputs("output")
        .build();
  }

  /** The network with its initial weights, which the seed determines. */
  public ComputationGraph init() {
    ComputationGraph graph = new ComputationGraph(conf());
    graph.init();
    return graph;
  }

  /** Builds a {@link ResNet18}. */
  public static final class Builder {
    private long seed = 1234;
    private int numClasses = 100;
    private int width = 64;
    private int[] inputShape = {3, 32, 32};
    private IUpdater updater = new AdamWAgr();
    private List<Regularization> regularization = List.of();
    private DataType dataType = DataType.FLOAT;

    private Builder() {}

    /** What determines the initial weights. */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /** Number of classes, at least 2. */
    public Builder numClasses(int numClasses) {
      this.numClasses = atLeast("numClasses", numClasses, 2);
      return this;
    }

    /** Channels of the stem and the first stage, at least 1; the last stage has 8 times as many. */
    public Builder width(int width) {
      this.width = atLeast("width", width, 1);
      return this;
    }

    /**
     * Shape of an image.
     *
     * @param inputShape channels, height, width; height and width are multiples of 8
     */
    public Builder inputShape(int... inputShape) {
      if (inputShape.length != 3
          || inputShape[0] < 1
          || inputShape[1] < 8
          || inputShape[2] < 8
          || inputShape[1] % 8 != 0
          || inputShape[2] % 8 != 0) {
        throw new IllegalArgumentException(
            "inputShape = "
                + Arrays.toString(inputShape)
                + ", expected channels, height, width with height and width multiples of 8");
      }
      this.inputShape = inputShape.clone();
      return this;
    }

    /** The optimizer of every layer; {@link org.agr4j.Agr} narrows it in {@link #conf()}. */
    public Builder updater(IUpdater updater) {
      this.updater = Objects.requireNonNull(updater, "updater");
      return this;
    }

    /** Decay of the weights of convolutions and of the output layer; none by default. */
    public Builder regularization(Regularization... regularization) {
      this.regularization = List.of(regularization);
      return this;
    }

    /** Type of parameters and activations: FLOAT or DOUBLE; HALF loses small updates. */
    public Builder dataType(DataType dataType) {
      this.dataType = Objects.requireNonNull(dataType, "dataType");
      return this;
    }

    /** The network described so far. */
    public ResNet18 build() {
      return new ResNet18(copy());
    }

    private Builder copy() {
      Builder copy = new Builder();
      copy.seed = seed;
      copy.numClasses = numClasses;
      copy.width = width;
      copy.inputShape = inputShape;
      copy.updater = updater;
      copy.regularization = regularization;
      copy.dataType = dataType;
      return copy;
    }

    private static int atLeast(String name, int value, int least) {
      if (value < least) {
        throw new IllegalArgumentException(
            name + " = " + value + ", expected a whole number >= " + least);
      }
      return value;
    }
  }
}
