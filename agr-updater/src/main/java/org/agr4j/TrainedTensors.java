package org.agr4j;

import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
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
 */
interface TrainedTensors {

  void setUpdaters(IUpdater weights, IUpdater biases);

  void setRegularizations(List<Regularization> weights, List<Regularization> biases);

  List<Regularization> weightRegularizations();

  List<Regularization> biasRegularizations();

  /** Whether DL4J's weights are a normalization's parameters here. */
  default boolean isNormalization() {
    return false;
  }

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

  private static TrainedTensors of(BaseLayer layer) {
    return new TrainedTensors() {
      @Override
      public void setUpdaters(IUpdater weights, IUpdater biases) {
        layer.setIUpdater(weights);
        layer.setBiasUpdater(biases);
      }

      @Override
      public void setRegularizations(List<Regularization> weights, List<Regularization> biases) {
        layer.setRegularization(weights);
        layer.setRegularizationBias(biases);
      }

      @Override
      public List<Regularization> weightRegularizations() {
        return layer.getRegularization();
      }

      @Override
      public List<Regularization> biasRegularizations() {
        return layer.getRegularizationBias();
      }

      @Override
      public boolean isNormalization() {
        return layer instanceof BatchNormalization;
      }
    };
  }

  private static TrainedTensors of(AbstractSameDiffLayer layer) {
    return new TrainedTensors() {
      @Override
      public void setUpdaters(IUpdater weights, IUpdater biases) {
        layer.setUpdater(weights);
        layer.setBiasUpdater(biases);
      }

      @Override
      public void setRegularizations(List<Regularization> weights, List<Regularization> biases) {
        layer.setRegularization(weights);
        layer.setRegularizationBias(biases);
      }

      @Override
      public List<Regularization> weightRegularizations() {
        return layer.getRegularization();
      }

      @Override
      public List<Regularization> biasRegularizations() {
        return layer.getRegularizationBias();
      }
    };
  }

  private static TrainedTensors of(SameDiffVertex vertex) {
    return new TrainedTensors() {
      @Override
      public void setUpdaters(IUpdater weights, IUpdater biases) {
        vertex.setUpdater(weights);
        vertex.setBiasUpdater(biases);
      }

      @Override
      public void setRegularizations(List<Regularization> weights, List<Regularization> biases) {
        vertex.setRegularization(weights);
        vertex.setRegularizationBias(biases);
      }

      @Override
      public List<Regularization> weightRegularizations() {
        return vertex.getRegularization();
      }

      @Override
      public List<Regularization> biasRegularizations() {
        return vertex.getRegularizationBias();
      }
    };
  }
}
