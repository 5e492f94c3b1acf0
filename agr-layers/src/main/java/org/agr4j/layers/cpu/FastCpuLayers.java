package org.agr4j.layers.cpu;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Gives the layers of a network helpers that are fast on a CPU.
 *
 * <pre>{@code
 * ComputationGraph network = new ComputationGraph(configuration);
 * network.init();
 * System.out.println(FastCpuLayers.install(network));
 * }</pre>
 *
 * <p>Call it once for every network object, after {@code init()} or after loading: a clone starts
 * without helpers. Nothing else changes, and scores agree with plain DL4J within rounding. Only
 * FLOAT networks on ND4J's CPU backend get helpers; elsewhere, and with {@code
 * -Dagr4j.cpuHelpers=false}, the network stays as it is.
 */
public final class FastCpuLayers {
  /** Set to {@code false}, this system property leaves every network as DL4J makes it. */
  public static final String PROPERTY = "agr4j.cpuHelpers";

  private FastCpuLayers() {}

  /**
   * Installs the helpers that pay on this machine.
   *
   * @param network a network after {@code init()}; its layers are modified
   * @return what is in use, in one line for people
   */
  public static String install(Model network) {
    if (!Boolean.parseBoolean(System.getProperty(PROPERTY, "true"))) {
      return "Fast CPU layers: off (-D" + PROPERTY + "=false)";
    }
    if (!Nd4j.getEnvironment().isCPU()) {
      return "Fast CPU layers: none, the backend is "
          + Nd4j.getBackend().getClass().getSimpleName();
    }
    if (network.params() == null || network.params().dataType() != DataType.FLOAT) {
      return "Fast CPU layers: none, the network is not FLOAT";
    }
    boolean oneDnn = oneDnnBuilt();
    int convolutions = 0;
    int batchNorms = 0;
    for (Layer layer : layersOf(network)) {
      // Subclasses (depthwise, one-dimensional) compute something else: exactly this class.
      if (oneDnn && layer.getClass() == ConvolutionLayer.class) {
        OneDnnConvolution.install((ConvolutionLayer) layer);
        convolutions++;
      } else if (layer.getClass() == BatchNormalization.class
          && FusedBatchNorm.install((BatchNormalization) layer)) {
        batchNorms++;
      }
    }
    return "Fast CPU layers: "
        + (oneDnn ? "oneDNN for " + convolutions + " convolutions" : "ND4J is built without oneDNN")
        + ", fused passes for "
        + batchNorms
        + " batch norms";
  }

  /** Whether the loaded ND4J contains oneDNN; the plain build answers without it. */
  static boolean oneDnnBuilt() {
    String build = Nd4j.getBackend().buildInfo();
    return build != null && build.contains("HAVE_ONEDNN") && Nd4j.getEnvironment().helpersAllowed();
  }

  private static List<Layer> layersOf(Model network) {
    Layer[] layers;
    if (network instanceof ComputationGraph) {
      layers = ((ComputationGraph) network).getLayers();
    } else if (network instanceof MultiLayerNetwork) {
      layers = ((MultiLayerNetwork) network).getLayers();
    } else {
      throw new IllegalArgumentException(
          "network must be a ComputationGraph or a MultiLayerNetwork, but is "
              + network.getClass().getName());
    }
    List<Layer> unwrapped = new ArrayList<>();
    for (Layer layer : layers) {
      while (layer instanceof BaseWrapperLayer) {
        layer = ((BaseWrapperLayer) layer).getUnderlying();
      }
      unwrapped.add(layer);
    }
    return unwrapped;
  }
}
