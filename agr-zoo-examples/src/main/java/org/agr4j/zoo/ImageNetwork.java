package org.agr4j.zoo;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** A network for labelled images: one input of images, one output of class probabilities. */
public final class ImageNetwork {
  private final ComputationGraphConfiguration conf;

  ImageNetwork(ComputationGraphConfiguration conf) {
    this.conf = conf;
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
