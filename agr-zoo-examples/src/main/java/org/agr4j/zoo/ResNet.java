package org.agr4j.zoo;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Residual networks for small images: a 3×3 stem of stride 1 without max pooling, four stages of
 * blocks of widths w, 2w, 4w, 8w, and real average pooling.
 *
 * <pre>
 *   basic block       ReLU( BN(conv3×3( ReLU(BN(conv3×3(x))) )) + shortcut(x) )
 *   bottleneck block  ReLU( BN(conv1×1( ReLU(BN(conv3×3( ReLU(BN(conv1×1(x))) ))) )) + shortcut(x) )
 * </pre>
 *
 * A bottleneck's last convolution has four times the stage's width, and its 3×3 convolution has the
 * stride, as torchvision has it. The shortcut is x itself, or BN(conv1×1) where a block changes the
 * shape; the first block of stages 2 to 4 halves the image. Convolutions have no bias, padding is
 * explicit (1 for 3×3), weights are He normal, √(2/fan-in). Batch norm keeps 0.9 of its running
 * statistics each step and adds 1e-5 to the variance, as PyTorch does.
 *
 * <p>Input [N, channels, height, width], output [N, classes] softmax probabilities under cross
 * entropy; images of any size that is a multiple of 8, thanks to the pooling. Layers are named
 * after their place, for example {@code stem}, {@code stage1_block1_conv1}, {@code
 * stage2_block1_shortcut}, {@code output}. Trainable parameters at width 64 with 3 channels and 100
 * classes:
 *
 * <pre>
 *               blocks            convolutions   γ and β    output       total
 *   ResNet-18   2, 2, 2, 2, basic   11,159,232     9,600    51,300  11,220,132
 *   ResNet-50   3, 4, 6, 3          23,447,232    53,120   204,900  23,705,252
 *   ResNet-101  3, 4, 23, 3         42,387,136   105,344   204,900  42,697,380
 * </pre>
 *
 * DL4J's {@code numParams()} also counts the running means and log deviations, as many as γ and β.
 *
 * <pre>{@code
 * ComputationGraph graph =
 *     ResNet.resNet18().numClasses(10).updater(new AdamWAgr(1e-3)).build().init();
 * }</pre>
 *
 * <p>Source: He et al., arXiv 1512.03385, with the stem of the AGR paper's CIFAR experiments.
 */
public final class ResNet {
  private ResNet() {}

  /** ResNet-18: two basic blocks a stage. */
  public static ImageNetworkBuilder resNet18() {
    return new Residual(false, 2, 2, 2, 2);
  }

  /** ResNet-50: 3, 4, 6 and 3 bottleneck blocks. */
  public static ImageNetworkBuilder resNet50() {
    return new Residual(true, 3, 4, 6, 3);
  }

  /** ResNet-101: 3, 4, 23 and 3 bottleneck blocks. */
  public static ImageNetworkBuilder resNet101() {
    return new Residual(true, 3, 4, 23, 3);
  }

  private static final class Residual extends ImageNetworkBuilder {
    private final boolean bottleneck;
    private final int[] blocks;

    Residual(boolean bottleneck, int... blocks) {
      super(8);
      this.bottleneck = bottleneck;
      this.blocks = blocks;
    }

    @Override
    String addLayers(
        GraphBuilder graph,
        String input,
        int channels,
        int width,
        List<Regularization> regularization) {
      ResidualStack stack =
          new ResidualStack(graph, input, channels, regularization).stem("stem", 3, 1, width);
      for (int stage = 1; stage <= blocks.length; stage++) {
        int stageWidth = width << (stage - 1);
        for (int block = 1; block <= blocks[stage - 1]; block++) {
          int stride = stage > 1 && block == 1 ? 2 : 1;
          String name = "stage" + stage + "_block" + block;
          if (bottleneck) {
            stack.bottleneckBlock(name, stride, stageWidth);
          } else {
            stack.basicBlock(name, stride, stageWidth);
          }
        }
      }
      graph.addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), stack.last());
      return "pool";
    }
  }
}
