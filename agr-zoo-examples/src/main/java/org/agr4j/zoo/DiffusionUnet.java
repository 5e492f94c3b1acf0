package org.agr4j.zoo;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import org.agr4j.layers.ChannelConcatVertex;
import org.agr4j.layers.ChannelShiftVertex;
import org.agr4j.layers.ChannelsLastLayer;
import org.agr4j.layers.GroupNorm;
import org.agr4j.layers.ImageVector;
import org.agr4j.layers.NearestUpsampling;
import org.agr4j.layers.PatchEmbedding;
import org.agr4j.layers.PositionwiseDense;
import org.agr4j.layers.ResidualVertex;
import org.agr4j.layers.SelfAttention;
import org.agr4j.layers.TimeEmbedding;
import org.agr4j.updater.AdanAgr;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.UniformDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The U-Net of denoising diffusion: tells the noise in an image from the image and the time.
 *
 * <pre>
 *   time    dense 4w( Swish( dense 4w( sines and cosines of t ) ) )
 *   block   y = conv 3×3( Swish( GN(x) ) ) + dense( Swish(time) ) at every position
 *           y = conv 3×3( dropout( Swish( GN(y) ) ) ) + x, or + conv 1×1 (x) if widths differ
 *           y + attention( GN(y) ) over all positions, where the level has it
 *   down    conv 3×3 to w; for each level its blocks, and conv 3×3 of stride 2 but at the last
 *   middle  a block with attention, a block without
 *   up      coarsest level first: one block more than on the way down, each on x beside the output
 *           from the way down that was last and is not used yet; then, but at the finest level,
 *           each position twice in both directions and conv 3×3
 *   output  conv 3×3( Swish( GN(x) ) )
 * </pre>
 *
 * <p>ε is 1e-5 in the norms. Weights begin uniform within ±gain √(6 / (fan-in + fan-out)), fans
 * with the kernel's area, gain 1 but 1e-5 for every block's second convolution and the last one;
 * biases begin with 0.
 *
 * <p>Inputs, in the network's type: {@code image} [N, channels, height, width] and {@code time} [N,
 * 1], whole numbers from 0. Output {@code output} [N, channels · height · width], the noise as
 * {@code reshape(N, channels, height, width)} gives it; labels are of the same shape, the loss is
 * the mean of the squared errors over all elements. Layers bear the original's names: {@code
 * down.0.blocks.1.conv1}, {@code middle.0.attn}, {@code up.0.resample}.
 *
 * <p>Trained parameters, 3 channels: 35,746,307 for the published sizes, 2,245,763 for width 32.
 *
 * <pre>{@code
 * ComputationGraph network = DiffusionUnet.builder().width(32).build().init();
 * }</pre>
 *
 * <p>Source: Ho et al., arXiv 2006.11239, appendix B, in the form that He et al., arXiv 2407.16944,
 * section 5.2, trained.
 */
public final class DiffusionUnet {
  /** Name of the input with images. */
  public static final String IMAGE = "image";

  /** Name of the input with times. */
  public static final String TIME = "time";

  private static final double EPSILON = 1e-5;
  private static final double SMALL_GAIN = 1e-5;
  private static final int TIME_WIDTHS = 4;
  private static final int MOST_GROUPS = 32;
  private static final int CHANNELS_OF_A_GROUP = 4;

  private final Builder builder;

  private DiffusionUnet(Builder builder) {
    this.builder = builder;
  }

  /** The published sizes, for 32×32 images; change what differs. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The number of groups for a width: as many as divide it, with four channels or more in each as
   * in the published network, and 32 at most. A group of one channel would remove whatever is the
   * same at all positions, the time among it.
   *
   * @param width of the first level
   */
  public static int fittingGroups(int width) {
    int groups = Math.max(1, Math.min(MOST_GROUPS, width / CHANNELS_OF_A_GROUP));
    while (width % groups != 0) {
      groups--;
    }
    return groups;
  }

  /** The network with its initial weights, which the seed determines. */
  public ComputationGraph init() {
    ComputationGraph graph = new ComputationGraph(conf());
    graph.init();
    return graph;
  }

  /** The network's configuration, the caller's own. */
  public ComputationGraphConfiguration conf() {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(builder.seed)
            .dataType(builder.dataType)
            .updater(builder.updater)
            .activation(Activation.IDENTITY)
            .graphBuilder()
            .addInputs(IMAGE, TIME)
            .setInputTypes(
                InputType.convolutional(
                    builder.inputShape[1], builder.inputShape[2], builder.inputShape[0]),
                InputType.feedForward(1));
    return new Layers(graph).build();
  }

  /** Adds the layers, one behind the other. */
  private final class Layers {
    private final GraphBuilder graph;
    private final Deque<Place> skips = new ArrayDeque<>();
    private Place last;

    /** A vertex and its channels. */
    private record Place(String name, int channels) {}

    Layers(GraphBuilder graph) {
      this.graph = graph;
    }

    ComputationGraphConfiguration build() {
      addTime();
      last = new Place(IMAGE, builder.inputShape[0]);
      convolution("head", builder.width, 3, 1, 1);
      skips.push(last);
      int levels = builder.multipliers.length;
      for (int level = 0; level < levels; level++) {
        addDown(level);
      }
      block("middle.0", last.channels(), true);
      block("middle.1", last.channels(), false);
      for (int level = levels - 1; level >= 0; level--) {
        addUp(levels - 1 - level, level);
      }
      norm("out_norm");
      convolution("out_conv", builder.inputShape[0], 3, 1, SMALL_GAIN);
      LossLayer loss =
          new LossLayer.Builder(LossFunction.MSE).activation(Activation.IDENTITY).build();
      loss.setNOut(Arrays.stream(builder.inputShape).reduce(1, (a, b) -> a * b)); // or DL4J warns
      return graph
          .addLayer("vector", new ImageVector(), last.name())
          .addLayer("output", loss, "vector")
          .setOutputs("output")
          .build();
    }

    private void addTime() {
      int width = TIME_WIDTHS * builder.width;
      graph
          .addLayer("time_table", new TimeEmbedding.Builder().nOut(builder.width).build(), TIME)
          .addLayer("time1", dense(builder.width, width, new ActivationSwish()), "time_table")
          .addLayer("time2", dense(width, width, null), "time1")
          .addLayer("time_swish", new ActivationLayer(new ActivationSwish()), "time2");
    }

    private void addDown(int level) {
      String name = "down." + level;
      for (int block = 0; block < builder.blocks; block++) {
        block(name + ".blocks." + block, width(level), attends(level));
        skips.push(last);
      }
      if (level + 1 < builder.multipliers.length) {
        convolution(name + ".resample", last.channels(), 3, 2, 1);
        skips.push(last);
      }
    }

    private void addUp(int number, int level) {
      String name = "up." + number;
      for (int block = 0; block <= builder.blocks; block++) {
        String blockName = name + ".blocks." + block;
        Place skip = skips.pop();
        graph.addVertex(blockName + ".merged", new ChannelConcatVertex(), last.name(), skip.name());
        last = new Place(blockName + ".merged", last.channels() + skip.channels());
        block(blockName, width(level), attends(level));
      }
      if (level > 0) {
        graph.addLayer(name + ".larger", new NearestUpsampling(), last.name());
        last = new Place(name + ".larger", last.channels());
        convolution(name + ".resample", last.channels(), 3, 1, 1);
      }
    }

    private int width(int level) {
      return builder.width * builder.multipliers[level];
    }

    private boolean attends(int level) {
      return Arrays.stream(builder.attentionLevels).anyMatch(other -> other == level);
    }

    private void block(String name, int width, boolean attention) {
      Place input = last;
      norm(name + ".norm1");
      convolution(name + ".conv1", width, 3, 1, 1);
      graph
          .addLayer(name + ".time", dense(TIME_WIDTHS * builder.width, width, null), "time_swish")
          .addVertex(name + ".shifted", new ChannelShiftVertex(), last.name(), name + ".time");
      last = new Place(name + ".shifted", width);
      norm(name + ".norm2");
      PatchEmbedding.Builder second = convolution(width, 3, 1, SMALL_GAIN);
      if (builder.dropout > 0) {
        second.dropOut(1 - builder.dropout); // DL4J's number is the share that is kept
      }
      layer(name + ".conv2", second.build(), width);
      Place branch = last;
      if (input.channels() != width) {
        last = input;
        layer(name + ".shortcut", dense(input.channels(), width, null), width);
        input = last;
      }
      String sum = attention ? name + ".sum" : name;
      graph.addVertex(sum, new ResidualVertex(), input.name(), branch.name());
      last = new Place(sum, width);
      if (attention) {
        layer(
            name + ".attn.norm",
            new GroupNorm.Builder().groups(builder.groups).epsilon(EPSILON).build(),
            width);
        SelfAttention.Builder attn = new SelfAttention.Builder();
        attn.weightInit(xavier(width, width, 1));
        layer(name + ".attn", attn.build(), width);
        graph.addVertex(name, new ResidualVertex(), sum, last.name());
        last = new Place(name, width);
      }
    }

    /** A group norm with Swish. */
    private void norm(String name) {
      GroupNorm.Builder norm = new GroupNorm.Builder().groups(builder.groups).epsilon(EPSILON);
      norm.activation(new ActivationSwish());
      layer(name, norm.build(), last.channels());
    }

    private void convolution(String name, int width, int kernel, int stride, double gain) {
      layer(name, convolution(width, kernel, stride, gain).build(), width);
    }

    private PatchEmbedding.Builder convolution(int width, int kernel, int stride, double gain) {
      int area = kernel * kernel;
      PatchEmbedding.Builder convolution =
          new PatchEmbedding.Builder().kernel(kernel).stride(stride).padding(kernel / 2);
      convolution.nOut(width).weightInit(xavier(area * last.channels(), area * width, gain));
      return convolution;
    }

    private void layer(String name, ChannelsLastLayer layer, int channels) {
      graph.addLayer(name, layer, last.name());
      last = new Place(name, channels);
    }
  }

  private static PositionwiseDense dense(int in, int out, ActivationSwish activation) {
    PositionwiseDense.Builder dense = new PositionwiseDense.Builder();
    dense.nOut(out).weightInit(xavier(in, out, 1));
    if (activation != null) {
      dense.activation(activation);
    }
    return dense.build();
  }

  private static IWeightInit xavier(int fanIn, int fanOut, double gain) {
    double bound = gain * Math.sqrt(6.0 / (fanIn + fanOut));
    return new WeightInitDistribution(new UniformDistribution(-bound, bound));
  }

  /** Sizes of a network; the defaults are the published ones. */
  public static final class Builder implements Cloneable {
    private int[] inputShape = {3, 32, 32};
    private int width = 128;
    private int[] multipliers = {1, 2, 2, 2};
    private int[] attentionLevels = {1};
    private int blocks = 2;
    private int groups;
    private double dropout = 0.1;
    private long seed = 1234;
    private IUpdater updater = new AdanAgr();
    private DataType dataType = DataType.FLOAT;

    private Builder() {}

    /** Channels, height and width of an image; {3, 32, 32} by default. */
    public Builder inputShape(int... inputShape) {
      if (inputShape.length != 3) {
        throw new IllegalArgumentException(
            "inputShape = "
                + Arrays.toString(inputShape)
                + ", expected channels, height and width");
      }
      Arrays.stream(inputShape).forEach(size -> ImageNetworkBuilder.atLeast("inputShape", size, 1));
      this.inputShape = inputShape.clone();
      return this;
    }

    /** Channels of the first level, an even number of 2 or more; 128 by default. */
    public Builder width(int width) {
      this.width = ImageNetworkBuilder.atLeast("width", width, 2);
      return this;
    }

    /** Channels of each level as multiples of the width; {1, 2, 2, 2} by default. */
    public Builder multipliers(int... multipliers) {
      if (multipliers.length == 0) {
        throw new IllegalArgumentException("multipliers = [], expected one for each level");
      }
      Arrays.stream(multipliers).forEach(m -> ImageNetworkBuilder.atLeast("multipliers", m, 1));
      this.multipliers = multipliers.clone();
      return this;
    }

    /** Levels with attention, beside the middle, 0 is the finest; {1} by default. */
    public Builder attentionLevels(int... levels) {
      Arrays.stream(levels).forEach(l -> ImageNetworkBuilder.atLeast("attentionLevels", l, 0));
      this.attentionLevels = levels.clone();
      return this;
    }

    /** Residual blocks of a level on the way down; 2 by default. */
    public Builder blocks(int blocks) {
      this.blocks = ImageNetworkBuilder.atLeast("blocks", blocks, 1);
      return this;
    }

    /** Groups of the norms, a divisor of the width; {@link #fittingGroups} by default. */
    public Builder groups(int groups) {
      this.groups = ImageNetworkBuilder.atLeast("groups", groups, 1);
      return this;
    }

    /** Share of a block's activations that is dropped before its second convolution; .1. */
    public Builder dropout(double dropout) {
      if (!(dropout >= 0) || dropout >= 1) {
        throw new IllegalArgumentException(
            "dropout = " + dropout + ", expected a probability 0 <= p < 1");
      }
      this.dropout = dropout;
      return this;
    }

    /** What determines the initial weights; 1234 by default. */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /** The optimizer of every layer; {@link org.agr4j.Agr} narrows it in the configuration. */
    public Builder updater(IUpdater updater) {
      this.updater = Objects.requireNonNull(updater, "updater");
      return this;
    }

    /** Type of parameters and activations: FLOAT or DOUBLE. */
    public Builder dataType(DataType dataType) {
      this.dataType = Objects.requireNonNull(dataType, "dataType");
      return this;
    }

    /**
     * The network described so far; what is set here later is not of it.
     *
     * @throws IllegalArgumentException if sizes do not fit together
     */
    public DiffusionUnet build() {
      Builder copy;
      try {
        copy = (Builder) clone(); // its arrays are never modified
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException("builders are cloneable", e);
      }
      copy.groups = groups == 0 ? fittingGroups(width) : groups;
      copy.requireFit();
      return new DiffusionUnet(copy);
    }

    private void requireFit() {
      if (width % 2 != 0) {
        throw new IllegalArgumentException(
            "width = " + width + ", expected an even number: sines and cosines in pairs");
      }
      if (width % groups != 0 || width == groups) {
        throw new IllegalArgumentException(
            "groups = "
                + groups
                + ", expected a divisor of the width, "
                + width
                + ", that leaves two channels or more in each");
      }
      int divisor = 1 << (multipliers.length - 1);
      if (inputShape[1] % divisor != 0 || inputShape[2] % divisor != 0) {
        throw new IllegalArgumentException(
            "inputShape = "
                + Arrays.toString(inputShape)
                + ", expected channels, height, width with height and width multiples of "
                + divisor);
      }
      for (int level : attentionLevels) {
        if (level >= multipliers.length) {
          throw new IllegalArgumentException(
              "attentionLevels = "
                  + Arrays.toString(attentionLevels)
                  + ", expected levels below "
                  + multipliers.length);
        }
      }
    }
  }
}
