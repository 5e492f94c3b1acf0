package org.agr4j.zoo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agr4j.layers.DropPath;
import org.agr4j.layers.PatchEmbedding;
import org.agr4j.layers.PatchMerging;
import org.agr4j.layers.PositionBias;
import org.agr4j.layers.PositionMean;
import org.agr4j.layers.PositionwiseDense;
import org.agr4j.layers.WindowAttention;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitUniform;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Swin Transformer: self-attention within windows, on a cyclically shifted grid in every second
 * block.
 *
 * <pre>
 *   stem    LN( conv p×p, stride p (x) )
 *   block   x ← x + DropPath( attention( LN(x) ) )
 *           x ← x + DropPath( dense C( GELU( dense 4C( LN(x) ) ) ) )
 *   between stages   dense 2C, no bias ( LN( 2×2 squares as 4C channels ) )
 *   head    dense( mean over positions( LN(x) ) )
 * </pre>
 *
 * A stage's window is {@code window}, shifted by half of it (rounded down) in blocks 1, 3, …,
 * unless the map is that small or smaller: then the whole map is one window, never shifted.
 * Otherwise its sides must be multiples of the window; there is no padding. Layer norms have ε
 * 1e-5; dense weights and bias tables begin N(0, 0.02²), biases 0, the patch convolution uniform
 * within ±1/√fan-in.
 *
 * <p>64×64 images fit patch 4 with window 4 (16² and 8² positions in windows, 4² and 2² whole) or
 * patch 2 with window 8; patch 4 with window 7 is for 224×224. Input [N, channels, height, width],
 * output [N, classes]. Layers bear the original's names with the head called {@code output}: {@code
 * stages.0.blocks.1.attn}, {@code stages.0.merge.reduction}. Parameters with 3 channels and 200
 * classes: Swin-T 27,673,154 at 224×224, 27,654,674 at 64×64 with window 4; Swin-S 48,991,058.
 *
 * <pre>{@code
 * Swin.tiny().window(4).inputShape(3, 64, 64).numClasses(200).build().init();
 * }</pre>
 *
 * <p>Source: Liu et al., arXiv 2103.14030.
 */
public final class Swin extends ImageNetworkBuilder {
  private static final double EPSILON = 1e-5;
  private static final int EXPANSION = 4;
  private static final int PUBLISHED_WINDOW = 7;

  private int[] depths;
  private int[] heads = {3, 6, 12, 24};
  private int patch = 4;
  private int window = PUBLISHED_WINDOW;
  private double dropPath;

  private Swin(double dropPath, int... depths) {
    super(1, 96);
    this.depths = depths;
    this.dropPath = dropPath;
  }

  /** Swin-T: depths 2, 2, 6, 2, width 96, drop path 0.2. */
  public static Swin tiny() {
    return new Swin(0.2, 2, 2, 6, 2);
  }

  /** Swin-S: depths 2, 2, 18, 2, width 96, drop path 0.3. */
  public static Swin small() {
    return new Swin(0.3, 2, 2, 18, 2);
  }

  /**
   * The largest window up to the published 7 that cuts the maps of all four stages of square images
   * into whole windows: 7 for 224 pixels, 4 for 64.
   *
   * @param side of the images in pixels
   * @param patch side of the stem's patches
   * @return 7 if there is none above 2; such images are refused then, with what fits
   */
  public static int fittingWindow(int side, int patch) {
    for (int window = PUBLISHED_WINDOW; window > 2; window--) {
      boolean fits = true;
      for (int map = side / patch; fits && map > window; map /= 2) {
        fits = map % window == 0;
      }
      if (fits) {
        return window;
      }
    }
    return PUBLISHED_WINDOW;
  }

  /** Number of blocks of each stage, at least 1 each. */
  public Swin depths(int... depths) {
    Arrays.stream(depths).forEach(depth -> atLeast("depths", depth, 1));
    this.depths = depths.clone();
    return this;
  }

  /** Number of heads of each stage, a divisor of its width. */
  public Swin heads(int... heads) {
    Arrays.stream(heads).forEach(head -> atLeast("heads", head, 1));
    this.heads = heads.clone();
    return this;
  }

  /** Side of the stem's patches, 4 by default. */
  public Swin patch(int patch) {
    this.patch = atLeast("patch", patch, 1);
    return this;
  }

  /** Side of a window in positions, 7 by default. */
  public Swin window(int window) {
    this.window = atLeast("window", window, 1);
    return this;
  }

  /** Drop path of the last block, 0 ≤ rate &lt; 1. */
  public Swin dropPath(double dropPath) {
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
    requireHeads(width);
    requireSides(patch << (depths.length - 1));
    requireWindows();
    double[][] rates = DropPath.rates(dropPath, depths);
    LayerChain chain = new LayerChain(graph, input, regularization);
    chain.layer(
        "patch_embed.conv",
        new PatchEmbedding.Builder().patch(patch).nOut(width).biasInit(new WeightInitUniform()),
        new WeightInitUniform());
    chain.norm("patch_embed.norm", EPSILON);
    for (int stage = 0; stage < depths.length; stage++) {
      String prefix = "stages." + stage;
      int stageWidth = width << stage;
      for (int block = 0; block < depths[stage]; block++) {
        block(chain, prefix + ".blocks." + block, stage, block, stageWidth, rates[stage][block]);
      }
      if (stage + 1 < depths.length) {
        merge(chain, prefix + ".merge", 2 * stageWidth);
      }
    }
    return chain.norm("norm", EPSILON).layer("pool", new PositionMean()).last();
  }

  private void block(LayerChain chain, String name, int stage, int block, int width, double rate) {
    int side = windowOf(stage, patch, window);
    boolean shifted = block % 2 == 1 && smallerSide(stage, patch) > window;
    String shortcut = chain.last();
    chain
        .norm(name + ".norm1", EPSILON)
        .layer(
            name + ".attn",
            new WindowAttention.Builder()
                .heads(heads[stage])
                .window(side)
                .shift(shifted ? side / 2 : 0)
                .bias(PositionBias.RELATIVE)
                .tableInit(LayerChain.normal02()),
            LayerChain.normal02())
        .add(name + ".attended", shortcut, rate)
        .norm(name + ".norm2", EPSILON)
        .perceptron(name + ".fc1", EXPANSION * width, name + ".fc2", width)
        .add(name, name + ".attended", rate);
  }

  private static void merge(LayerChain chain, String name, int width) {
    chain
        .layer(name, new PatchMerging())
        .norm(name + ".norm", EPSILON)
        .layer(
            name + ".reduction",
            new PositionwiseDense.Builder().nOut(width).hasBias(false),
            LayerChain.normal02());
  }

  private int smallerSide(int stage, int patch) {
    return Math.min(sides()[0], sides()[1]) / patch >> stage;
  }

  private int windowOf(int stage, int patch, int window) {
    return Math.min(window, smallerSide(stage, patch));
  }

  private boolean fits(int patch, int window) {
    for (int side : sides()) {
      if (side % (patch << (depths.length - 1)) != 0) {
        return false;
      }
      for (int stage = 0; stage < depths.length; stage++) {
        if ((side / patch >> stage) % windowOf(stage, patch, window) != 0) {
          return false;
        }
      }
    }
    return true;
  }

  private void requireHeads(int width) {
    boolean divide = heads.length == depths.length;
    for (int stage = 0; divide && stage < heads.length; stage++) {
      divide = (width << stage) % heads[stage] == 0;
    }
    if (!divide) {
      throw new IllegalArgumentException(
          "heads = "
              + Arrays.toString(heads)
              + ", expected a divisor of each stage's width, "
              + Arrays.toString(doubling(width, depths.length)));
    }
  }

  private void requireWindows() {
    if (fits(patch, window)) {
      return;
    }
    List<String> fitting = new ArrayList<>();
    for (int otherPatch = 1; otherPatch <= 8; otherPatch *= 2) {
      for (int otherWindow = 4; otherWindow <= 12; otherWindow++) {
        if (fits(otherPatch, otherWindow)) {
          fitting.add("patch " + otherPatch + " with window " + otherWindow);
        }
      }
    }
    throw new IllegalArgumentException(
        "window = "
            + window
            + " with patch "
            + patch
            + " does not cut "
            + sides()[0]
            + "x"
            + sides()[1]
            + " images into whole windows; expected "
            + (fitting.isEmpty() ? "other sides" : String.join(", ", fitting)));
  }
}
