package org.agr4j.layers.cpu;

import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
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
 * without helpers. Nothing else changes: activations, gradients and scores are plain DL4J's within
 * rounding. Made fast are, in FLOAT networks on ND4J's CPU backend:
 *
 * <ul>
 *   <li>{@link ConvolutionLayer} in NCHW and NHWC, with every kernel, stride, padding, activation
 *       function and regularization; but not a dilated one, which ND4J cannot describe to oneDNN,
 *       nor one whose activations are reshaped for a layer that may overwrite them, such as a
 *       LossLayer;
 *   <li>{@link BatchNormalization} of images, NCHW and NHWC, where its γ and β are not locked and
 *       no other layer overwrites its input.
 * </ul>
 *
 * <p>In a {@link ComputationGraph}, where convolution, batch norm and ReLU follow each other, with
 * a sum before the ReLU or max pooling of 2×2 behind it, they are computed together: in a training
 * step the batch norm and the sum then hold what ReLU makes of them, which listeners see; in any
 * other pass each has its own activations. Of ResNet-50's activations half are kept.
 *
 * <p>Every other layer stays as it is, subclasses of these two included; so does the whole network
 * elsewhere and with {@code -Dagr4j.cpuHelpers=false}. In NHWC, ReLU is faster in a layer of its
 * own: a convolution's own derivative of it is computed by DL4J through permuted arrays.
 */
public final class FastCpuLayers {
  /** Set to {@code false}, this system property leaves every network as DL4J makes it. */
  public static final String PROPERTY = "agr4j.cpuHelpers";

  private static final String OWN_LAYERS = "org.agr4j.layers";

  private FastCpuLayers() {}

  /**
   * Installs the helpers that pay on this machine.
   *
   * @param network a network after {@code init()}; its layers are modified
   * @return what is in use, in one line for people
   * @throws IllegalArgumentException for a network of another class, or before its {@code init()}
   */
  public static String install(Model network) {
    boolean known = network instanceof ComputationGraph || network instanceof MultiLayerNetwork;
    if (!known) {
      throw new IllegalArgumentException(
          "network must be a ComputationGraph or a MultiLayerNetwork, but is "
              + (network == null ? "null" : network.getClass().getName()));
    }
    if (layersOf(network) == null) {
      throw new IllegalArgumentException("network has no layers yet: call its init() first");
    }
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
    boolean keepsSigns = KeptActivations.keepTheirSigns(network);
    Set<Layer> overwritten = oneDnn ? ReshapedActivations.protect(network) : Set.of();
    int convolutions = 0;
    int batchNorms = 0;
    int own = 0;
    for (Layer wrapped : layersOf(network)) {
      Layer layer = KeptActivations.unwrapped(wrapped);
      // Subclasses (depthwise, one-dimensional) compute something else: exactly this class.
      if (layer.getClass() == ConvolutionLayer.class) {
        ConvolutionLayer convolution = (ConvolutionLayer) layer;
        if (oneDnn
            && OneDnnConvolution.canCompute(convolution)
            && !overwritten.contains(convolution)) {
          OneDnnConvolution.install(convolution, keepsSigns);
          convolutions++;
        }
      } else if (layer.getClass() == BatchNormalization.class
          && SharedInputs.stayFor(layer, network)
          && FusedBatchNorm.install((BatchNormalization) layer)) {
        batchNorms++;
      } else if (layer.getClass().getPackageName().startsWith(OWN_LAYERS)) {
        own++;
      }
    }
    int blocks = oneDnn ? FusedBlocks.install(network) : 0;
    if (convolutions + batchNorms == 0 && own > 0) {
      return "Fast CPU layers: " + own + " layers of AGR4J, which are fast by themselves";
    }
    return "Fast CPU layers: "
        + (oneDnn ? "oneDNN for " + convolutions + " convolutions" : "ND4J is built without oneDNN")
        + ", fused passes for "
        + batchNorms
        + " batch norms"
        + (blocks > 0 ? ", one pass for " + blocks + " of them with their ReLU" : "");
  }

  /** Whether the loaded ND4J contains oneDNN; the plain build answers without it. */
  static boolean oneDnnBuilt() {
    String build = Nd4j.getBackend().buildInfo();
    return build != null && build.contains("HAVE_ONEDNN") && Nd4j.getEnvironment().helpersAllowed();
  }

  /** The layers of a network, which may be wrapped in others. */
  static Layer[] layersOf(Model network) {
    if (network instanceof ComputationGraph) {
      return ((ComputationGraph) network).getLayers();
    }
    return ((MultiLayerNetwork) network).getLayers();
  }
}
