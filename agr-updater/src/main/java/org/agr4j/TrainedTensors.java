package org.agr4j;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.samediff.AbstractSameDiffLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Updaters and regularizations of one layer or vertex that trains, whichever of DL4J's three kinds
 * of configuration holds them: BaseLayer, AbstractSameDiffLayer, SameDiffVertex.
 *
 * @param mainRole the role of the tensors that have the updater which is not that of biases
 * @param weightRegularizations those it has, or null
 * @param biasRegularizations those it has, or null
 * @param setUpdaters takes the updaters of weights and of biases
 * @param setRegularizations takes the regularizations of weights and of biases
 */
record TrainedTensors(
    TensorRole mainRole,
    List<Regularization> weightRegularizations,
    List<Regularization> biasRegularizations,
    BiConsumer<IUpdater, IUpdater> setUpdaters,
    BiConsumer<List<Regularization>, List<Regularization>> setRegularizations) {

  /** Visits a vertex's tensors, if it trains. */
  static void visit(GraphVertex vertex, Consumer<TrainedTensors> visitor) {
    if (vertex instanceof LayerVertex layerVertex) {
      visit(layerVertex.getLayerConf().getLayer(), visitor);
    } else if (vertex instanceof SameDiffVertex sameDiff) {
      visitor.accept(of(sameDiff));
    } // FrozenVertex does not train, and the others have no parameters
  }

  /** Visits a layer's tensors, those inside of wrappers included, if it trains. */
  static void visit(Layer layer, Consumer<TrainedTensors> visitor) {
    if (layer instanceof FrozenLayer || layer instanceof FrozenLayerWithBackprop) {
      return;
    }
    if (layer instanceof Bidirectional bidirectional) {
      visit(bidirectional.getFwd(), visitor);
      visit(bidirectional.getBwd(), visitor);
    } else if (layer instanceof BaseWrapperLayer wrapper) {
      visit(wrapper.getUnderlying(), visitor);
    } else if (layer instanceof BaseLayer base) {
      visitor.accept(of(base));
    } else if (layer instanceof AbstractSameDiffLayer sameDiff) {
      visitor.accept(of(sameDiff));
    }
  }

  /** That of weights where there are any, or of the first tensor that trains and is no bias. */
  private static TensorRole mainRole(BaseLayer layer) {
    Set<TensorRole> roles = new LinkedHashSet<>();
    layer.initializer().paramKeys(layer).forEach(key -> roles.add(TensorRole.of(layer, key)));
    roles.remove(TensorRole.BIAS);
    roles.remove(TensorRole.STATISTIC);
    return roles.isEmpty() || roles.contains(TensorRole.WEIGHT)
        ? TensorRole.WEIGHT
        : roles.iterator().next();
  }

  private static TrainedTensors of(BaseLayer layer) {
    return new TrainedTensors(
        mainRole(layer),
        layer.getRegularization(),
        layer.getRegularizationBias(),
        both(layer::setIUpdater, layer::setBiasUpdater),
        both(layer::setRegularization, layer::setRegularizationBias));
  }

  private static TrainedTensors of(AbstractSameDiffLayer layer) {
    return new TrainedTensors(
        TensorRole.WEIGHT,
        layer.getRegularization(),
        layer.getRegularizationBias(),
        both(layer::setUpdater, layer::setBiasUpdater),
        both(layer::setRegularization, layer::setRegularizationBias));
  }

  private static TrainedTensors of(SameDiffVertex vertex) {
    return new TrainedTensors(
        TensorRole.WEIGHT,
        vertex.getRegularization(),
        vertex.getRegularizationBias(),
        both(vertex::setUpdater, vertex::setBiasUpdater),
        both(vertex::setRegularization, vertex::setRegularizationBias));
  }

  private static <T> BiConsumer<T, T> both(Consumer<T> weights, Consumer<T> biases) {
    return (forWeights, forBiases) -> {
      weights.accept(forWeights);
      biases.accept(forBiases);
    };
  }
}
