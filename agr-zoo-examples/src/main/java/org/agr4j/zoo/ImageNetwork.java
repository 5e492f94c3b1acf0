package org.agr4j.zoo;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A network for labelled images: one input of images, one output of class probabilities. It is used
 * as DL4J's {@code ZooModel} is.
 */
public final class ImageNetwork {
  private final ImageNetworkBuilder builder;
  private ComputationGraphConfiguration conf;

  /**
   * Makes the network that a builder describes.
   *
   * @param builder describes it, and is this network's own
   */
  ImageNetwork(ImageNetworkBuilder builder) {
    this.builder = builder;
    this.conf = builder.conf();
  }

  /**
   * Changes the shape of the images, for {@link #conf} and {@link #init} from now on, as in DL4J's
   * {@code ZooModel}.
   *
   * @param inputShape one shape: {@code {{channels, height, width}}}
   * @throws IllegalArgumentException if there is not one, or the network does not fit it
   */
  public void setInputShape(int[][] inputShape) {
    if (inputShape.length != 1) {
      throw new IllegalArgumentException(
          "inputShape has " + inputShape.length + " shapes, expected one, of the images");
    }
    builder.inputShape(inputShape[0]);
    conf = builder.conf();
  }

  /** The network's configuration, the caller's own. */
  public ComputationGraphConfiguration conf() {
    return conf.clone();
  }

  /** The network with its initial weights, which the seed determines. */
  public ComputationGraph init() {
    ComputationGraph graph = new ComputationGraph(conf());
    graph.init();
    return graph;
  }
}
