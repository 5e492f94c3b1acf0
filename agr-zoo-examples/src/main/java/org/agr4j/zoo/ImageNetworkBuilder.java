package org.agr4j.zoo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.agr4j.updater.AdamWAgr;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Settings that all networks of this package share: shape, classes, width, seed, optimizer.
 * Defaults: 3×32×32 images, 100 classes, width 64, seed 1234, FLOAT, AdamW(AGR), no decay.
 */
public abstract class ImageNetworkBuilder implements Cloneable {
  private final int sideDivisor;
  private long seed = 1234;
  private int numClasses = 100;
  private int width;
  private int[] inputShape = {3, 32, 32};
  private IUpdater updater = new AdamWAgr();
  private List<Regularization> regularization = List.of();
  private DataType dataType = DataType.FLOAT;

  /**
   * Begins with the published defaults of the family.
   *
   * @param sideDivisor what height and width of an image are multiples of
   */
  ImageNetworkBuilder(int sideDivisor) {
    this(sideDivisor, 64);
  }

  /** Defaults with another width. */
  ImageNetworkBuilder(int sideDivisor, int width) {
    this.sideDivisor = sideDivisor;
    this.width = width;
  }

  /** What determines the initial weights. */
  public ImageNetworkBuilder seed(long seed) {
    this.seed = seed;
    return this;
  }

  /** Number of classes, at least 2. */
  public ImageNetworkBuilder numClasses(int numClasses) {
    this.numClasses = atLeast("numClasses", numClasses, 2);
    return this;
  }

  /** Channels of the first convolution, at least 1; everything else scales with it. */
  public ImageNetworkBuilder width(int width) {
    this.width = atLeast("width", width, 1);
    return this;
  }

  /**
   * Shape of an image.
   *
   * @param inputShape channels, height, width; height and width are multiples of what the network
   *     halves them by
   * @throws IllegalArgumentException if they are not
   */
  public ImageNetworkBuilder inputShape(int... inputShape) {
    if (inputShape.length != 3 || inputShape[0] < 1 || !fits(inputShape[1], inputShape[2])) {
      throw new IllegalArgumentException(
          "inputShape = "
              + Arrays.toString(inputShape)
              + ", expected channels, height, width with height and width multiples of "
              + sideDivisor);
    }
    this.inputShape = inputShape.clone();
    return this;
  }

  private boolean fits(int... sides) {
    return Arrays.stream(sides).allMatch(side -> side >= sideDivisor && side % sideDivisor == 0);
  }

  /** The optimizer of every layer; {@link org.agr4j.Agr} narrows it in the configuration. */
  public ImageNetworkBuilder updater(IUpdater updater) {
    this.updater = Objects.requireNonNull(updater, "updater");
    return this;
  }

  /** Decay of the weights of convolutions and of dense layers; none by default. */
  public ImageNetworkBuilder regularization(Regularization... regularization) {
    this.regularization = List.of(regularization);
    return this;
  }

  /** Type of parameters and activations: FLOAT or DOUBLE; FLOAT16 loses small updates. */
  public ImageNetworkBuilder dataType(DataType dataType) {
    this.dataType = Objects.requireNonNull(dataType, "dataType");
    return this;
  }

  /** The network described so far; what is set here later is not of it. */
  public ImageNetwork build() {
    return new ImageNetwork(copy());
  }

  private ImageNetworkBuilder copy() {
    try {
      return (ImageNetworkBuilder) clone(); // its arrays and lists are never modified
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("builders are cloneable", e);
    }
  }

  /** The configuration of the network described so far. */
  ComputationGraphConfiguration conf() {
    // Regularizations are set layer by layer: of those set for the whole network DL4J applies each
    // twice, unless it is one of L1 and L2.
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .dataType(dataType)
            .updater(updater)
            .weightInit(WeightInit.RELU)
            .activation(Activation.IDENTITY)
            .graphBuilder()
            .addInputs("input")
            .setInputTypes(InputType.convolutional(inputShape[1], inputShape[2], inputShape[0]));
    String features = addLayers(graph, "input", inputShape[0], width, regularization);
    return graph.addLayer("output", outputLayer(), features).setOutputs("output").build();
  }

  private OutputLayer outputLayer() {
    OutputLayer.Builder output =
        new OutputLayer.Builder(LossFunction.MCXENT)
            .nOut(numClasses)
            .activation(Activation.SOFTMAX);
    output.regularization(new ArrayList<>(regularization));
    if (outputInit() != null) {
      output.weightInit(outputInit());
    }
    if (keptBeforeOutput() < 1) {
      output.dropOut(keptBeforeOutput());
    }
    return output.build();
  }

  /** How the output layer's weights are drawn, or null for the network's way. */
  IWeightInit outputInit() {
    return null;
  }

  /** Height and width of an image. */
  int[] sides() {
    return new int[] {inputShape[1], inputShape[2]};
  }

  /** Share of the output layer's inputs that dropout keeps. */
  double keptBeforeOutput() {
    return 1;
  }

  /**
   * Adds all layers but the last.
   *
   * @param graph receives them
   * @param input name of the images' vertex
   * @param channels of the images
   * @param width of the first convolution
   * @param regularization of weights
   * @return name of the vertex in front of the output layer
   */
  abstract String addLayers(
      GraphBuilder graph,
      String input,
      int channels,
      int width,
      List<Regularization> regularization);

  /**
   * Refuses images that the network cannot halve as often as it wants to.
   *
   * @param divisor what sides must be multiples of
   */
  void requireSides(int divisor) {
    for (int side : sides()) {
      if (side < divisor || side % divisor != 0) {
        throw new IllegalArgumentException(
            "inputShape = "
                + Arrays.toString(inputShape)
                + ", expected channels, height, width with height and width multiples of "
                + divisor);
      }
    }
  }

  /** w, 2w, 4w, … */
  static int[] doubling(int width, int stages) {
    int[] widths = new int[stages];
    for (int stage = 0; stage < stages; stage++) {
      widths[stage] = width << stage;
    }
    return widths;
  }

  static int atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          name + " = " + value + ", expected a whole number >= " + least);
    }
    return value;
  }
}
