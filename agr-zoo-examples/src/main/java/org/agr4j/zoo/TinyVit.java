package org.agr4j.zoo;

import java.util.Arrays;
import java.util.List;
import org.agr4j.layers.BatchNorm;
import org.agr4j.layers.ChannelsLastLayer;
import org.agr4j.layers.DepthwiseConvolution;
import org.agr4j.layers.DropPath;
import org.agr4j.layers.Gelu;
import org.agr4j.layers.PatchEmbedding;
import org.agr4j.layers.PositionBias;
import org.agr4j.layers.PositionMean;
import org.agr4j.layers.PositionwiseDense;
import org.agr4j.layers.ResidualVertex;
import org.agr4j.layers.WindowAttention;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitUniform;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * TinyViT: a convolutional stem and first stage, then attention within windows with a depthwise
 * convolution between attention and perceptron.
 *
 * <pre>
 *   CN      batch norm( convolution without bias )
 *   stem    CN 3×3, stride 2 ( GELU( CN 3×3, stride 2 (x) ) )
 *   stage 1 GELU( x + DropPath( CN 1×1 to C( GELU( depthwise CN 3×3( GELU( CN 1×1 to 4C (x) ))))))
 *   between stages   CN 1×1( GELU( depthwise CN 3×3, stride 2( GELU( CN 1×1 (x) ) ) ) )
 *   stages 2 to 4    x ← x + DropPath( attention(x) )
 *                    x ← depthwise CN 3×3 (x)
 *                    x ← x + DropPath( dense C( GELU( dense 4C( LN(x) ) ) ) )
 *   head    dense( LN( mean over positions (x) ) )
 * </pre>
 *
 * The attention's layer norm is within, behind the padding to whole windows, which takes part as
 * keys; its bias depends on absolute offsets. ε is 1e-5 in all norms; batch norms keep 0.9 of their
 * running statistics. Dense weights begin N(0, 0.02²), biases and bias tables 0, convolutions
 * uniform within ±1/√fan-in, the last batch norm's scale of a block of stage 1 with 0.
 *
 * <p>Input [N, channels, height, width], sides that are multiples of 32; output [N, classes]. For
 * 224×224 the windows are 7, 14, 7; for 64×64 those mostly attend to padding, and {@code windows(4,
 * 4, 2)} fits. Layers bear the original's names with the head called {@code output}: {@code
 * stem.conv1.conv}, {@code stages.1.blocks.0.attn}, {@code stages.1.blocks.0.local.bn}. Trained
 * parameters with 3 channels, 200 classes and windows 7, 14, 7, at any image size:
 *
 * <pre>
 *               widths               heads       drop path   parameters
 *   TinyViT-5M  64, 128, 160, 320    4, 5, 10    0            5,135,964
 *   TinyViT-11M 64, 128, 256, 448    4, 8, 14    0.1         10,637,772
 *   TinyViT-21M 96, 192, 384, 576    6, 12, 18   0.2         20,736,968
 * </pre>
 *
 * <pre>{@code
 * TinyVit.of5M().windows(4, 4, 2).inputShape(3, 64, 64).numClasses(200).build().init();
 * }</pre>
 *
 * <p>Source: Wu et al., arXiv 2207.10666.
 */
public final class TinyVit extends ImageNetworkBuilder {
  private static final double EPSILON = 1e-5;
  private static final int EXPANSION = 4;
  private static final int STEM_STRIDE = 4;
  private static final int[] PUBLISHED_WINDOWS = {7, 14, 7};

  private int[] depths = {2, 2, 6, 2};
  private int[] widths;
  private int[] heads;
  private int[] windows = PUBLISHED_WINDOWS;
  private double dropPath;

  private TinyVit(double dropPath, int[] widths, int... heads) {
    super(1, widths[0]);
    this.widths = widths;
    this.heads = heads;
    this.dropPath = dropPath;
  }

  /** TinyViT-5M. */
  public static TinyVit of5M() {
    return new TinyVit(0, new int[] {64, 128, 160, 320}, 4, 5, 10);
  }

  /** TinyViT-11M. */
  public static TinyVit of11M() {
    return new TinyVit(0.1, new int[] {64, 128, 256, 448}, 4, 8, 14);
  }

  /** TinyViT-21M. */
  public static TinyVit of21M() {
    return new TinyVit(0.2, new int[] {96, 192, 384, 576}, 6, 12, 18);
  }

  /**
   * The largest windows up to the published 7, 14, 7 that cut the maps of stages 2 to 4 of square
   * images evenly, so that nothing is padded: 7, 14, 7 for 224 pixels and 4, 4, 2 for 64.
   *
   * @param side of the images in pixels
   */
  public static int[] fittingWindows(int side) {
    int[] windows = PUBLISHED_WINDOWS.clone();
    for (int stage = 0; stage < windows.length; stage++) {
      int map = Math.max(1, side / (STEM_STRIDE << (stage + 1)));
      while (map % windows[stage] != 0) {
        windows[stage]--;
      }
    }
    return windows;
  }

  /** Number of blocks of each stage, at least 1 each. */
  public TinyVit depths(int... depths) {
    Arrays.stream(depths).forEach(depth -> atLeast("depths", depth, 1));
    this.depths = depths.clone();
    return this;
  }

  /** Channels of each stage; {@code width} then scales them by width over the first. */
  public TinyVit widths(int... widths) {
    Arrays.stream(widths).forEach(width -> atLeast("widths", width, 2));
    this.widths = widths.clone();
    width(widths[0]);
    return this;
  }

  /** Number of heads of each stage but the first, a divisor of its width. */
  public TinyVit heads(int... heads) {
    Arrays.stream(heads).forEach(head -> atLeast("heads", head, 1));
    this.heads = heads.clone();
    return this;
  }

  /** Side of a window, in positions, of each stage but the first. */
  public TinyVit windows(int... windows) {
    Arrays.stream(windows).forEach(window -> atLeast("windows", window, 1));
    this.windows = windows.clone();
    return this;
  }

  /** Drop path of the last block, 0 ≤ rate &lt; 1. */
  public TinyVit dropPath(double dropPath) {
    DropPath.rates(dropPath, 1);
    this.dropPath = dropPath;
    return this;
  }

  @Override
  IWeightInit outputInit() {
    return LayerChain.normal02();
  }

  @Override
  String addLayers(
      GraphBuilder graph,
      String input,
      int channels,
      int width,
      List<Regularization> regularization) {
    int[] stageWidths =
        Arrays.stream(widths).map(stage -> Math.max(1, stage * width / widths[0])).toArray();
    requireStages(stageWidths);
    requireSides(STEM_STRIDE << (depths.length - 1));
    double[][] rates = DropPath.rates(dropPath, depths);
    LayerChain chain = new LayerChain(graph, input, regularization);
    normed(chain, "stem.conv1", strided(stageWidths[0] / 2), gelu());
    normed(chain, "stem.conv2", strided(stageWidths[0]), norm());
    for (int stage = 0; stage < depths.length; stage++) {
      String prefix = "stages." + stage;
      int stageWidth = stageWidths[stage];
      for (int block = 0; block < depths[stage]; block++) {
        String name = prefix + ".blocks." + block;
        if (stage == 0) {
          invertedBottleneck(chain, name, stageWidth, rates[stage][block]);
        } else {
          attentionBlock(chain, name, stage, stageWidth, rates[stage][block]);
        }
      }
      if (stage + 1 < depths.length) {
        downsampling(chain, prefix + ".down", stageWidths[stage + 1]);
      }
    }
    return chain.layer("pool", new PositionMean()).norm("norm", EPSILON).last();
  }

  private static void invertedBottleneck(LayerChain chain, String name, int width, double rate) {
    String shortcut = chain.last();
    normed(chain, name + ".expand", pointwise(EXPANSION * width), gelu());
    normed(chain, name + ".depthwise", depthwise(1), gelu());
    normed(chain, name + ".project", pointwise(width), norm().initialScale(0));
    chain.add(name, shortcut, new ResidualVertex(rate, new Gelu()));
  }

  private static void downsampling(LayerChain chain, String name, int width) {
    normed(chain, name + ".expand", pointwise(width), gelu());
    normed(chain, name + ".depthwise", depthwise(2), gelu());
    normed(chain, name + ".project", pointwise(width), norm());
  }

  private void attentionBlock(LayerChain chain, String name, int stage, int width, double rate) {
    String shortcut = chain.last();
    chain
        .layer(
            name + ".attn",
            new WindowAttention.Builder()
                .heads(heads[stage - 1])
                .window(windows[stage - 1])
                .padded(true)
                .byHead(true)
                .layerNorm(EPSILON)
                .bias(PositionBias.OFFSET),
            LayerChain.normal02())
        .add(name + ".attended", shortcut, rate);
    normed(chain, name + ".local", depthwise(1), norm());
    String local = chain.last();
    chain
        .norm(name + ".mlp_norm", EPSILON)
        .perceptron(name + ".fc1", EXPANSION * width, name + ".fc2", width)
        .add(name, local, rate);
  }

  private static void normed(
      LayerChain chain, String name, ChannelsLastLayer.Builder<?> layer, BatchNorm.Builder norm) {
    chain.layer(name + ".conv", layer, new WeightInitUniform()).layer(name + ".bn", norm.build());
  }

  private static PatchEmbedding.Builder strided(int width) {
    return new PatchEmbedding.Builder().kernel(3).stride(2).padding(1).nOut(width).hasBias(false);
  }

  private static PositionwiseDense.Builder pointwise(int width) {
    return new PositionwiseDense.Builder().nOut(width).hasBias(false);
  }

  private static DepthwiseConvolution.Builder depthwise(int stride) {
    return new DepthwiseConvolution.Builder().kernel(3).stride(stride).hasBias(false);
  }

  private static BatchNorm.Builder norm() {
    return new BatchNorm.Builder().epsilon(EPSILON);
  }

  private static BatchNorm.Builder gelu() {
    return norm().activation(new Gelu());
  }

  private void requireStages(int[] stageWidths) {
    int attending = depths.length - 1;
    if (stageWidths.length != depths.length
        || heads.length != attending
        || windows.length != attending) {
      throw new IllegalArgumentException(
          "widths = "
              + Arrays.toString(stageWidths)
              + ", heads = "
              + Arrays.toString(heads)
              + ", windows = "
              + Arrays.toString(windows)
              + ", expected a width for each of the depths "
              + Arrays.toString(depths)
              + " and heads and a window for each but the first");
    }
    for (int stage = 1; stage < depths.length; stage++) {
      if (stageWidths[stage] % heads[stage - 1] != 0) {
        throw new IllegalArgumentException(
            "heads = "
                + Arrays.toString(heads)
                + ", expected divisors of the widths "
                + Arrays.toString(stageWidths)
                + " but the first");
      }
    }
  }
}
