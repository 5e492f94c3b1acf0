package org.agr4j.benchmark;

import java.util.List;
import java.util.Map;
import org.agr4j.layers.ChannelsLastLayer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;

/**
 * The arithmetic of a network, from its configuration: multiply-adds of convolutions, dense layers
 * and attention products. Norms, activation functions, pooling and sums are left out.
 */
final class MultiplyAdds {
  private MultiplyAdds() {}

  /**
   * Multiply-adds of a forward pass over one example. A training step has three times as many: the
   * gradients of inputs and of weights are products of the same size.
   *
   * @param conf the network, not modified
   * @param inputs shapes of an example
   */
  static long of(ComputationGraphConfiguration conf, InputType... inputs) {
    ComputationGraphConfiguration own = conf.clone();
    Map<String, InputType> outputs = own.getLayerActivationTypes(false, false, inputs);
    for (int i = 0; i < inputs.length; i++) {
      outputs.put(own.getNetworkInputs().get(i), inputs[i]);
    }
    long sum = 0;
    for (Map.Entry<String, GraphVertex> entry : own.getVertices().entrySet()) {
      if (entry.getValue() instanceof LayerVertex) {
        LayerVertex vertex = (LayerVertex) entry.getValue();
        List<String> from = own.getVertexInputs().get(entry.getKey());
        InputType type = outputs.get(from.get(0));
        if (vertex.getPreProcessor() != null) {
          type = vertex.getPreProcessor().getOutputType(type);
        }
        sum += of(vertex.getLayerConf().getLayer(), type);
      }
    }
    return sum;
  }

  private static long of(Layer layer, InputType input) {
    if (layer instanceof ChannelsLastLayer) {
      return ((ChannelsLastLayer) layer).multiplyAdds(input);
    }
    if (layer.getClass() == ConvolutionLayer.class) {
      ConvolutionLayer convolution = (ConvolutionLayer) layer;
      int[] kernel = convolution.getKernelSize();
      // Each output element is a sum over the kernel of all input channels.
      return layer.getOutputType(-1, input).arrayElementsPerExample()
          * kernel[0]
          * kernel[1]
          * convolution.getNIn();
    }
    if (layer instanceof DenseLayer || layer instanceof BaseOutputLayer) {
      FeedForwardLayer dense = (FeedForwardLayer) layer;
      return dense.getNIn() * dense.getNOut();
    }
    return 0;
  }
}
