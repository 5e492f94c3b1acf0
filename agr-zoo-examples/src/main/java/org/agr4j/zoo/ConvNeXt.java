package org.agr4j.zoo;

import java.util.Arrays;
import java.util.List;
import org.agr4j.layers.DepthwiseConvolution;
import org.agr4j.layers.DropPath;
import org.agr4j.layers.LayerScale;
import org.agr4j.layers.PatchEmbedding;
import org.agr4j.layers.PositionMean;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * ConvNeXt: a patch stem and four stages of blocks with a depthwise 7×7 convolution.
 *
 * <pre>
 *   stem    LN( conv p×p, stride p (x) )
 *   block   x + DropPath( γ ( dense C( GELU( dense 4C( LN( depthwise 7×7 (x) ) ) ) ) ) )
 *   between stages   conv 2×2, stride 2 ( LN(x) )
 *   head    dense( LN( mean over positions (x) ) )
 * </pre>
 *
 * Layer norms run over the channels of a position, ε 1e-6; weights begin N(0, 0.02²), biases 0, γ
 * 1e-6. Drop path rises linearly over the blocks. Input [N, channels, height, width], sides that
 * are multiples of {@code patch · 2^(stages − 1)}: 32, 64, 224 with patch 4; output [N, classes].
 * Layers bear the original's names with the head called {@code output}: {@code stem.conv}, {@code
 * stages.0.blocks.0.depthwise}, {@code stages.1.down.conv}. ConvNeXt-T with 3 channels and 200
 * classes has 27,973,928 parameters in 182 tensors, at any image size.
 *
 * <pre>{@code
 * ConvNeXt.tiny().dropPath(0.1).inputShape(3, 64, 64).numClasses(200).build().init();
 * }</pre>
 *
 * <p>Source: Liu et al., arXiv 2201.03545.
 */
public final class ConvNeXt extends ImageNetworkBuilder {
  private static final double EPSILON = 1e-6;
  private static final int KERNEL = 7;
  private static final int EXPANSION = 4;

  private int[] depths = {3, 3, 9, 3};
  private int[] widths;
  private int patch = 4;
  private double dropPath = 0.1;
  private double layerScale = 1e-6;

  private ConvNeXt() {
    super(1, 96);
  }

  /** ConvNeXt-T: depths 3, 3, 9, 3 and widths 96, 192, 384, 768. */
  public static ConvNeXt tiny() {
    return new ConvNeXt();
  }

  /** Number of blocks of each stage, at least 1 each. */
  public ConvNeXt depths(int... depths) {
    Arrays.stream(depths).forEach(depth -> atLeast("depths", depth, 1));
    this.depths = depths.clone();
    return this;
  }

  /** Channels of each stage, in place of width times 1, 2, 4, 8. */
  public ConvNeXt widths(int... widths) {
    Arrays.stream(widths).forEach(width -> atLeast("widths", width, 1));
    this.widths = widths.clone();
    return this;
  }

  /** Side of the stem's patches, 4 by default. */
  public ConvNeXt patch(int patch) {
    this.patch = atLeast("patch", patch, 1);
    return this;
  }

  /** Drop path of the last block, 0 ≤ rate &lt; 1; 0.1 by default. */
  public ConvNeXt dropPath(double dropPath) {
    DropPath.rates(dropPath, 1);
    this.dropPath = dropPath;
    return this;
  }

  /** γ of each block at first, 1e-6 by default. */
  public ConvNeXt layerScale(double layerScale) {
    this.layerScale = layerScale;
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
    int[] stageWidths = widths != null ? widths : doubling(width, depths.length);
    requireStages(stageWidths);
    requireSides(patch << (depths.length - 1));
    double[][] rates = DropPath.rates(dropPath, depths);
    LayerChain chain = new LayerChain(graph, input, regularization);
    convolution(chain, "stem.conv", patch, stageWidths[0]).norm("stem.norm", EPSILON);
    for (int stage = 0; stage < depths.length; stage++) {
      String prefix = "stages." + stage;
      if (stage > 0) {
        chain.norm(prefix + ".down.norm", EPSILON);
        convolution(chain, prefix + ".down.conv", 2, stageWidths[stage]);
      }
      for (int block = 0; block < depths[stage]; block++) {
        block(chain, prefix + ".blocks." + block, stageWidths[stage], rates[stage][block]);
      }
    }
    return chain.layer("pool", new PositionMean()).norm("norm", EPSILON).last();
  }

  private void block(LayerChain chain, String name, int width, double rate) {
    String shortcut = chain.last();
    chain
        .layer(
            name + ".depthwise",
            new DepthwiseConvolution.Builder().kernel(KERNEL),
            LayerChain.normal02())
        .norm(name + ".norm", EPSILON)
        .perceptron(name + ".expand", EXPANSION * width, name + ".project", width)
        .layer(name + ".layer_scale", new LayerScale.Builder().initial(layerScale).build())
        .add(name, shortcut, rate);
  }

  private static LayerChain convolution(LayerChain chain, String name, int side, int width) {
    return chain.layer(
        name, new PatchEmbedding.Builder().patch(side).nOut(width), LayerChain.normal02());
  }

  private void requireStages(int[] stageWidths) {
    if (stageWidths.length != depths.length) {
      throw new IllegalArgumentException(
          "widths = "
              + Arrays.toString(stageWidths)
              + ", expected one for each of the depths "
              + Arrays.toString(depths));
    }
  }
}
