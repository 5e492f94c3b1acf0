package org.agr4j.layers.cpu;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.layers.ActivationLayer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.layers.pooling.GlobalPoolingLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;

/**
 * The blocks of a graph in which batch norm, sum and ReLU are one pass each way, over images that
 * lie in memory as {@link ChannelsLastImages}.
 *
 * <pre>
 *   convolution → batch norm → ReLU
 *   convolution → batch norm → sum → ReLU    the sum's other side is a ReLU or a batch norm
 * </pre>
 *
 * <p>Between blocks there may be max pooling of 2×2 pixels. Of a training step only a convolution's
 * output and ReLU's are kept, and no gradient is written only to be handed on. During the step
 * batch norm and sum hold what ReLU makes of them: listeners see that. In every other pass
 * (inference, {@code feedForward} in training) each part has its own output.
 *
 * <p>A part is taken only if all that read it, and all it reads, are taken; a block's input may
 * come from anywhere, and its last ReLU may go to a global pooling. Parts are exactly DL4J's
 * classes, NCHW, FLOAT, not wrapped (frozen), without dropout or noise on weights, and no output of
 * the network. Vertices of the graph are replaced, its configuration and layers are not.
 */
final class FusedBlocks {
  private static final VarHandle VERTICES =
      LayerField.of(ComputationGraph.class, "verticesMap", Map.class);
  private static final VarHandle SUM_OP =
      LayerField.of(ElementWiseVertex.class, "op", ElementWiseVertex.Op.class);
  private static final String STEPS_WORKSPACE = "WS_ALL_LAYERS_ACT";

  private final ComputationGraph graph;
  private final GraphVertex[] vertices;
  private final Set<GraphVertex> taken = new LinkedHashSet<>();

  private FusedBlocks(ComputationGraph graph) {
    this.graph = graph;
    vertices = graph.getVertices();
  }

  /**
   * Finds and fuses the blocks of a network whose layers have their helpers.
   *
   * @return the number of batch norms in them
   */
  static int install(Model network) {
    return network instanceof ComputationGraph
        ? new FusedBlocks((ComputationGraph) network).fuse()
        : 0;
  }

  /** Whether DL4J is about to compute a gradient, so that nobody asks for single activations. */
  static boolean isTrainingStep(LayerWorkspaceMgr memory) {
    return memory.hasConfiguration(ArrayType.ACTIVATIONS)
        && !memory.isScopedOut(ArrayType.ACTIVATIONS)
        && STEPS_WORKSPACE.equals(memory.getWorkspaceName(ArrayType.ACTIVATIONS));
  }

  /** Whether a vertex gives in a training step the array that it gets. */
  static boolean passesOn(GraphVertex vertex) {
    return vertex instanceof ReluVertex || vertex instanceof SumVertex;
  }

  private int fuse() {
    for (GraphVertex vertex : vertices) {
      if (isConvolution(vertex)
          || isNorm(vertex)
          || isSum(vertex)
          || isRelu(vertex)
          || isPool(vertex)) {
        taken.add(vertex);
      }
    }
    while (taken.removeIf(vertex -> !fits(vertex))) {
      continue; // what one of the removed stood beside may not fit now
    }
    return taken.isEmpty() ? 0 : replace();
  }

  private boolean isConvolution(GraphVertex vertex) {
    if (!isPlainLayer(vertex, ConvolutionLayer.class)) {
      return false;
    }
    ConvolutionLayer layer = (ConvolutionLayer) vertex.getLayer();
    return OneDnnConvolution.of(layer) != null
        && layer.layerConf().getCnn2dDataFormat() == CNN2DFormat.NCHW
        && layer.layerConf().getWeightNoise() == null
        && layer.layerConf().getActivationFn() instanceof ActivationIdentity;
  }

  private boolean isNorm(GraphVertex vertex) {
    return isPlainLayer(vertex, BatchNormalization.class)
        && FusedBatchNorm.of((BatchNormalization) vertex.getLayer()) != null
        && ((BatchNormalization) vertex.getLayer()).layerConf().getCnn2DFormat()
            == CNN2DFormat.NCHW;
  }

  private boolean isRelu(GraphVertex vertex) {
    return isPlainLayer(vertex, ActivationLayer.class)
        && new ActivationReLU()
            .equals(((ActivationLayer) vertex.getLayer()).layerConf().getActivationFn());
  }

  private boolean isPool(GraphVertex vertex) {
    if (!isPlainLayer(vertex, SubsamplingLayer.class)) {
      return false;
    }
    org.deeplearning4j.nn.conf.layers.SubsamplingLayer pool =
        ((SubsamplingLayer) vertex.getLayer()).layerConf();
    return pool.getPoolingType() == PoolingType.MAX
        && pool.getConvolutionMode() != ConvolutionMode.Same
        && pool.getCnn2dDataFormat() == CNN2DFormat.NCHW
        && Arrays.equals(pool.getKernelSize(), new int[] {2, 2})
        && Arrays.equals(pool.getStride(), new int[] {2, 2})
        && Arrays.equals(pool.getPadding(), new int[] {0, 0})
        && Arrays.equals(pool.getDilation(), new int[] {1, 1});
  }

  private boolean isSum(GraphVertex vertex) {
    return vertex.getClass() == ElementWiseVertex.class
        && SUM_OP.get((ElementWiseVertex) vertex) == ElementWiseVertex.Op.Add
        && vertex.getNumInputArrays() == 2
        && !isOutput(vertex);
  }

  private boolean isPlainLayer(GraphVertex vertex, Class<? extends Layer> type) {
    return vertex.getClass() == LayerVertex.class
        && vertex.getLayer().getClass() == type
        && ((LayerVertex) vertex).getLayerPreProcessor() == null
        && vertex.getLayer().conf().getLayer().getIDropout() == null
        && !isOutput(vertex);
  }

  private boolean isOutput(GraphVertex vertex) {
    return vertex.isOutputVertex()
        || graph.getConfiguration().getNetworkOutputs().contains(vertex.getVertexName());
  }

  /** Whether a part stands beside parts that are taken. */
  private boolean fits(GraphVertex vertex) {
    if (isSum(vertex)) {
      return onlyReader(vertex, this::isRelu)
          && below(vertex, 0) != below(vertex, 1)
          && (isNorm(below(vertex, 0)) || isNorm(below(vertex, 1)))
          && isTakenNormOrRelu(below(vertex, 0))
          && isTakenNormOrRelu(below(vertex, 1));
    }
    if (isConvolution(vertex)) {
      return onlyReader(vertex, this::isNorm);
    }
    if (isNorm(vertex)) {
      return isTaken(below(vertex, 0), this::isConvolution)
          && onlyReader(vertex, reader -> isRelu(reader) || isSum(reader));
    }
    if (isPool(vertex)) {
      return isTaken(below(vertex, 0), this::isRelu)
          && (onlyReader(vertex, this::isConvolution) || isPooledGlobally(vertex));
    }
    return isTaken(below(vertex, 0), below -> isNorm(below) || isSum(below))
        && (readersAreTaken(vertex) || isPooledGlobally(vertex));
  }

  private boolean isTakenNormOrRelu(GraphVertex vertex) {
    return isTaken(vertex, part -> isNorm(part) || isRelu(part));
  }

  private boolean isTaken(GraphVertex vertex, Predicate<GraphVertex> kind) {
    return taken.contains(vertex) && kind.test(vertex);
  }

  private boolean onlyReader(GraphVertex vertex, Predicate<GraphVertex> kind) {
    return vertex.getNumOutputConnections() == 1 && isTaken(reader(vertex, 0), kind);
  }

  private boolean readersAreTaken(GraphVertex vertex) {
    return Arrays.stream(vertex.getOutputVertices())
        .map(next -> vertices[next.getVertexIndex()])
        .allMatch(
            reader -> isTaken(reader, part -> isConvolution(part) || isSum(part) || isPool(part)));
  }

  private boolean isPooledGlobally(GraphVertex vertex) {
    return vertex.getNumOutputConnections() == 1
        && reader(vertex, 0).hasLayer()
        && reader(vertex, 0).getLayer().getClass() == GlobalPoolingLayer.class;
  }

  private GraphVertex reader(GraphVertex vertex, int number) {
    return vertices[vertex.getOutputVertices()[number].getVertexIndex()];
  }

  private GraphVertex below(GraphVertex vertex, int input) {
    VertexIndices[] inputs = vertex.getInputVertices();
    return vertices[inputs[input].getVertexIndex()];
  }

  private int replace() {
    GradientBuffers buffers = new GradientBuffers();
    Map<Integer, GraphVertex> made = new HashMap<>();
    for (GraphVertex vertex : taken) {
      if (isRelu(vertex)) {
        boolean handOver = readersAreTaken(vertex);
        made.put(vertex.getVertexIndex(), new ReluVertex((LayerVertex) vertex, buffers, handOver));
      } else if (isPool(vertex)) {
        made.put(vertex.getVertexIndex(), new MaxPoolVertex((LayerVertex) vertex, buffers));
      } else if (isSum(vertex)) {
        made.put(vertex.getVertexIndex(), new SumVertex((ElementWiseVertex) vertex, buffers));
      }
    }
    int norms = 0;
    for (GraphVertex vertex : taken) {
      if (isConvolution(vertex)) {
        GraphVertex below = below(vertex, 0);
        OneDnnConvolution.of((ConvolutionLayer) vertex.getLayer())
            .fuse(
                buffers, (GradientReader) made.get(below.getVertexIndex()), !below.isInputVertex());
      } else if (isNorm(vertex)) {
        // Of two batch norms under a sum, the first is written with it.
        GraphVertex reader = reader(vertex, 0);
        boolean beforeSum = isSum(reader) && normUnder(reader) == vertex;
        normOf(vertex).fuse(buffers, isSum(reader), !isSum(reader) || beforeSum);
        norms++;
      } else if (isSum(vertex)) {
        GraphVertex norm = normUnder(vertex);
        GraphVertex other = below(vertex, 0) == norm ? below(vertex, 1) : below(vertex, 0);
        ((SumVertex) made.get(vertex.getVertexIndex()))
            .reads(normOf(norm), (ReluVertex) made.get(other.getVertexIndex()));
      } else if (isPool(vertex)) {
        ((MaxPoolVertex) made.get(vertex.getVertexIndex()))
            .reads((ReluVertex) made.get(below(vertex, 0).getVertexIndex()));
      } else {
        GraphVertex below = below(vertex, 0);
        ((ReluVertex) made.get(vertex.getVertexIndex()))
            .reads(
                isNorm(below) ? normOf(below) : null, (SumVertex) made.get(below.getVertexIndex()));
      }
    }
    @SuppressWarnings("unchecked")
    Map<String, GraphVertex> byName = (Map<String, GraphVertex>) VERTICES.get(graph);
    made.forEach(
        (index, vertex) -> {
          vertices[index] = vertex;
          byName.put(vertex.getVertexName(), vertex);
        });
    return norms;
  }

  private GraphVertex normUnder(GraphVertex sum) {
    return isNorm(below(sum, 0)) ? below(sum, 0) : below(sum, 1);
  }

  private static FusedBatchNorm normOf(GraphVertex vertex) {
    return FusedBatchNorm.of((BatchNormalization) vertex.getLayer());
  }
}
