package org.agr4j.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.agr4j.Agr;
import org.agr4j.regularization.DecoupledWeightDecay;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/** What each layer is, as the paper's networks have it. */
class ResNet18LayersTest {
  private static ImageNetworkBuilder small() {
    return ResNet.resNet18().width(4).numClasses(5).inputShape(3, 16, 16);
  }

  /** Saved models and transfer learning go by these names. */
  @Test
  void namesSayWhereALayerIs() {
    Set<String> names = small().build().conf().getVertices().keySet();
    assertTrue(
        names.containsAll(
            List.of(
                "stem",
                "stem_bn",
                "stem_relu",
                "stage1_block1_conv1",
                "stage1_block1_bn1",
                "stage1_block1_relu1",
                "stage1_block1_conv2",
                "stage1_block1_bn2",
                "stage1_block1_add",
                "stage1_block1_relu",
                "stage4_block1_shortcut",
                "stage4_block1_shortcut_bn",
                "stage4_block2_relu",
                "pool",
                "output")),
        names.toString());
    assertEquals(3, names.stream().filter(name -> name.endsWith("_shortcut")).count());
  }

  @Test
  void convolutionsHaveNoBiasAndExplicitPadding() {
    ComputationGraph graph = small().build().init();
    int convolutions = 0;
    int normalizations = 0;
    for (Layer layer : graph.getLayers()) {
      if (layer.conf().getLayer() instanceof ConvolutionLayer conv) {
        int padding = conv.getKernelSize()[0] / 2;
        assertEquals(Set.of("W"), layer.paramTable().keySet(), conv.getLayerName());
        assertSame(ConvolutionMode.Truncate, conv.getConvolutionMode(), conv.getLayerName());
        assertArrayEquals(new int[] {padding, padding}, conv.getPadding(), conv.getLayerName());
        convolutions++;
      } else if (layer.conf().getLayer() instanceof BatchNormalization normalization) {
        assertEquals(0.9, normalization.getDecay());
        assertEquals(1e-5, normalization.getEps());
        normalizations++;
      }
    }
    assertEquals(20, convolutions);
    assertEquals(20, normalizations);
  }

  /** DL4J applies its own weight decay twice where it is set for the whole network. */
  @Test
  void decayIsAppliedOnceAndToWeights() {
    assertDecays(0, small().build().conf());
    assertDecays(1, small().regularization(new WeightDecay(5e-4, true)).build().conf());
    assertDecays(1, small().regularization(new DecoupledWeightDecay(5e-4)).build().conf());
    assertDecays(1, Agr.adamW(1e-3).weightDecay(5e-4).applyTo(small().build().conf()));
  }

  private static void assertDecays(int expected, ComputationGraphConfiguration conf) {
    conf.getVertices()
        .forEach(
            (name, vertex) -> {
              if (vertex instanceof LayerVertex layer
                  && layer.getLayerConf().getLayer() instanceof BaseLayer base
                  && !(base instanceof BatchNormalization)) {
                assertEquals(expected, base.getRegularizationByParam("W").size(), name);
              }
            });
  }
}
