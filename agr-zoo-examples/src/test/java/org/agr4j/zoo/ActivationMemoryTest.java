package org.agr4j.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agr4j.layers.cpu.ActivationMemory;
import org.agr4j.layers.cpu.FastCpuLayers;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.abstracts.Nd4jWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The workspace that is made before the first step is large enough, and not much larger. */
class ActivationMemoryTest {
  private static final String WORKSPACE = "WS_ALL_LAYERS_ACT";
  private static final int BATCH = 3;

  private long atFirst;

  @BeforeEach
  @AfterEach
  void destroyWorkspaces() {
    Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
  }

  private ComputationGraph trained(NamedNetwork network, int width, boolean reserved) {
    Nd4j.getRandom().setSeed(3);
    INDArray images =
        Nd4j.randn(DataType.FLOAT, BATCH, 3, network.usualSide(), network.usualSide());
    INDArray labels = Nd4j.zeros(DataType.FLOAT, BATCH, 5);
    for (int i = 0; i < BATCH; i++) {
      labels.putScalar(i, i, 1);
    }
    ComputationGraph graph =
        network
            .builder(3, network.usualSide(), network.usualSide())
            .width(width)
            .numClasses(5)
            .build()
            .init();
    FastCpuLayers.install(graph);
    if (reserved) {
      ActivationMemory.reserve(graph, BATCH, InputType.inferInputType(images));
      atFirst = workspace().getCurrentSize();
    }
    graph.fit(new DataSet(images, labels));
    return graph;
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18, 4",
    "resnet50, 4",
    "vgg11, 2",
    "convnext-t, 8",
    "swin-t, 24",
    "tinyvit-5m, 16"
  })
  void fits(String name, int width) {
    NamedNetwork network = NamedNetwork.of(name).orElseThrow();
    INDArray learned = trained(network, width, false).params();
    long needed = workspace().getCurrentSize();
    destroyWorkspaces();
    INDArray reserved = trained(network, width, true).params();
    long made = workspace().getCurrentSize();
    assertEquals(learned, reserved);
    // Both have a twentieth to spare; a workspace that was too small has been made anew.
    assertTrue(made >= 0.97 * needed && made <= 1.1 * needed, made + " bytes for " + needed);
    assertEquals(atFirst, made);
  }

  private static Nd4jWorkspace workspace() {
    return (Nd4jWorkspace) Nd4j.getWorkspaceManager().getWorkspaceForCurrentThread(WORKSPACE);
  }
}
