package org.agr4j.layers.cpu;

import java.util.List;
import java.util.Map;
import org.agr4j.layers.ChannelsLastLayer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.memory.MemoryWorkspaceManager;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.ResetPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Makes the workspace of a network's activations before the first training step.
 *
 * <p>DL4J learns its size in the first step: every activation is allocated by itself then, and
 * freed, and after that all of them once more in one piece. The C library keeps what was freed, so
 * that training took the activations' memory twice. A workspace of the thread that exists already
 * is used as it is. An estimate that is too small costs what it did before.
 */
public final class ActivationMemory {
  // DL4J's ComputationGraph.WS_ALL_LAYERS_ACT and its configuration, but for the size.
  private static final String WORKSPACE = "WS_ALL_LAYERS_ACT";
  private static final double SPARE = 0.05;

  private ActivationMemory() {}

  /**
   * Makes the workspace for the calling thread, which is to train the network.
   *
   * @param network after {@code init()}, not modified
   * @param examples examples of a batch
   * @param inputs shapes of the inputs
   */
  public static void reserve(ComputationGraph network, int examples, InputType... inputs) {
    ComputationGraphConfiguration conf = network.getConfiguration();
    MemoryWorkspaceManager workspaces = Nd4j.getWorkspaceManager();
    if (conf.getTrainingWorkspaceMode() == WorkspaceMode.NONE
        || !Nd4j.getEnvironment().isCPU()
        || workspaces.checkIfWorkspaceExists(WORKSPACE)) {
      return;
    }
    long bytes;
    try {
      bytes = elementsPerExample(network, inputs) * examples * network.params().dataType().width();
    } catch (RuntimeException e) {
      return; // shapes that DL4J cannot tell beforehand: it learns the size, as ever
    }
    workspaces.createNewWorkspace(
        WorkspaceConfiguration.builder()
            .initialSize(bytes)
            .overallocationLimit(SPARE)
            .policyLearning(LearningPolicy.FIRST_LOOP)
            .policyReset(ResetPolicy.BLOCK_LEFT)
            .policySpill(SpillPolicy.REALLOCATE)
            .policyAllocation(AllocationPolicy.OVERALLOCATE)
            .build(),
        WORKSPACE);
  }

  /** Outputs of all vertices, and what our layers keep beside them. */
  private static long elementsPerExample(ComputationGraph network, InputType[] inputs) {
    ComputationGraphConfiguration conf = network.getConfiguration().clone();
    Map<String, InputType> types = conf.getLayerActivationTypes(false, false, inputs);
    long elements = 0;
    for (Map.Entry<String, GraphVertex> entry : conf.getVertices().entrySet()) {
      if (FusedBlocks.passesOn(network.getVertex(entry.getKey()))) {
        continue;
      }
      elements += types.get(entry.getKey()).arrayElementsPerExample();
      if (entry.getValue() instanceof LayerVertex) {
        Layer layer = ((LayerVertex) entry.getValue()).getLayerConf().getLayer();
        List<String> from = conf.getVertexInputs().get(entry.getKey());
        int input = conf.getNetworkInputs().indexOf(from.get(0));
        InputType type = input < 0 ? types.get(from.get(0)) : inputs[input];
        if (layer instanceof ChannelsLastLayer) {
          elements += ((ChannelsLastLayer) layer).keptForBackward(type);
        }
      }
    }
    return elements;
  }
}
