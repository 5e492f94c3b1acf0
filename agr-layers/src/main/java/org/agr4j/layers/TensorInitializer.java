package org.agr4j.layers;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Lays out the tensors that a {@link ChannelsLastLayer} lists, one behind the other.
 *
 * <p>DL4J asks what is a weight and what is a bias. Norms, tables and statistics are neither;
 * tables are listed among the weights' keys all the same, which tells them from norms.
 */
final class TensorInitializer implements ParamInitializer {
  static final TensorInitializer INSTANCE = new TensorInitializer();

  private TensorInitializer() {}

  private static List<LayerTensor> tensors(Layer layer) {
    return ((ChannelsLastLayer) layer).tensors();
  }

  private static List<String> keys(Layer layer, Predicate<LayerTensor> which) {
    return tensors(layer).stream().filter(which).map(LayerTensor::key).toList();
  }

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return numParams(conf.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    return tensors(layer).stream().mapToLong(LayerTensor::length).sum();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return keys(layer, tensor -> true);
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return keys(layer, tensor -> tensor.role() == Role.WEIGHT || tensor.role() == Role.TABLE);
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return keys(layer, tensor -> tensor.role() == Role.BIAS);
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return keys(layer, tensor -> tensor.role() == Role.WEIGHT).contains(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return biasKeys(layer).contains(key);
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray paramsView, boolean initializeParams) {
    Map<String, INDArray> params = Collections.synchronizedMap(new LinkedHashMap<>());
    for (Map.Entry<LayerTensor, INDArray> slice : slices(conf, paramsView).entrySet()) {
      LayerTensor tensor = slice.getKey();
      if (initializeParams) {
        tensor
            .initial()
            .init(
                tensor.fanIn(), tensor.fanOut(), tensor.shape(), tensor.order(), slice.getValue());
      }
      params.put(tensor.key(), shaped(tensor, slice.getValue()));
      conf.addVariable(tensor.key());
    }
    return params;
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray gradientView) {
    Map<String, INDArray> gradients = new LinkedHashMap<>();
    slices(conf, gradientView)
        .forEach((tensor, slice) -> gradients.put(tensor.key(), shaped(tensor, slice)));
    return gradients;
  }

  private static INDArray shaped(LayerTensor tensor, INDArray slice) {
    return slice.reshape(tensor.order(), tensor.shape());
  }

  private static Map<LayerTensor, INDArray> slices(NeuralNetConfiguration conf, INDArray view) {
    Map<LayerTensor, INDArray> slices = new LinkedHashMap<>();
    if (view == null) {
      return slices; // DL4J has none for a layer without parameters
    }
    INDArray flat = view.reshape(view.length());
    long start = 0;
    for (LayerTensor tensor : tensors(conf.getLayer())) {
      long end = start + tensor.length();
      slices.put(tensor, flat.get(NDArrayIndex.interval(start, end)));
      start = end;
    }
    if (start != view.length()) {
      throw new IllegalStateException(
          "layer \""
              + conf.getLayer().getLayerName()
              + "\" has "
              + start
              + " parameters, but its view holds "
              + view.length());
    }
    return slices;
  }
}
