package org.agr4j;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * The kind of a tensor of a network, as the layer that owns it says through DL4J's own interfaces.
 *
 * <p>An {@link OptimizerPlan} gives each role its updater and decay; statistics, gradient clipping
 * and reports ask here, too. With p the {@link ParamInitializer} of the layer:
 *
 * <pre>
 *   STATISTIC   the layer's getUpdaterByParam is NoOp, whatever updater the layer is given
 *   WEIGHT      p.isWeightParam
 *   BIAS        p.isBiasParam
 *   TABLE       neither, and listed in p.weightKeys
 *   NORM        neither, and not listed
 * </pre>
 *
 * <p>So DL4J's own layers need nothing (batch norm's γ and β are {@link #NORM}, its running mean
 * and variance {@link #STATISTIC}; the visible bias of an AutoEncoder is NORM for want of a word
 * from DL4J), and a layer of one's own says its roles without knowing this library. DL4J has two
 * places for updaters in a layer, for weights and for biases; a layer with weights beside norms or
 * tables gives those the updater and the regularization of biases.
 */
public enum TensorRole {
  /** The weights of a dense, convolutional or other linear map. */
  WEIGHT,
  /** A bias. */
  BIAS,
  /** Scale and offset of a normalization, and other scales of channels. */
  NORM,
  /** An embedding, or a table of positions. */
  TABLE,
  /** A running statistic, which no gradient trains although DL4J lists it among parameters. */
  STATISTIC;

  /** The name in files and tables: {@code weight}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether an optimizer trains such a tensor. */
  public boolean isTrained() {
    return this != STATISTIC;
  }

  /**
   * Tells the role of a parameter of a layer or vertex.
   *
   * @param owner the layer's or vertex's configuration; wrappers are opened
   * @param parameter the parameter's name within it, such as {@code W}
   */
  public static TensorRole of(TrainingConfig owner, String parameter) {
    if (owner instanceof SameDiffVertex vertex) {
      return vertex.getVertexParams().isBiasParam(parameter) ? BIAS : WEIGHT;
    }
    return of((Layer) owner, parameter);
  }

  private static TensorRole of(Layer layer, String parameter) {
    if (layer instanceof FrozenLayer frozen) {
      return of(frozen.getLayer(), parameter);
    }
    if (layer instanceof BaseWrapperLayer wrapper) {
      return of(wrapper.getUnderlying(), parameter);
    }
    if (layer instanceof Bidirectional bidirectional) { // fW and bW are W of either direction
      return of(bidirectional.getFwd(), parameter.substring(1));
    }
    ParamInitializer initializer = layer.initializer();
    if (layer instanceof BaseLayer base && isKeptFromUpdaters(base, parameter)) {
      return STATISTIC;
    }
    if (initializer.isWeightParam(layer, parameter)) {
      return WEIGHT;
    }
    if (initializer.isBiasParam(layer, parameter)) {
      return BIAS;
    }
    return initializer.weightKeys(layer).contains(parameter) ? TABLE : NORM;
  }

  private static boolean isKeptFromUpdaters(BaseLayer layer, String parameter) {
    BaseLayer copy = layer.clone();
    copy.setIUpdater(new Sgd());
    copy.setBiasUpdater(new Sgd());
    return copy.getUpdaterByParam(parameter) instanceof NoOp;
  }

  /**
   * Tells the roles of all parameters of a network, in the network's order, by the names that DL4J
   * gives parameters and gradients ({@code conv1_W}, {@code 0_W}).
   *
   * @param network a {@link MultiLayerNetwork} or {@link ComputationGraph}
   */
  public static Map<String, TensorRole> of(Model network) {
    Map<String, TensorRole> found = new HashMap<>();
    if (network instanceof ComputationGraph graph) {
      for (GraphVertex vertex : graph.getVertices()) {
        TrainingConfig owner =
            vertex.hasLayer() ? vertex.getLayer().conf().getLayer() : vertex.getConfig();
        add(found, vertex, owner, vertex.getVertexName());
      }
    } else {
      org.deeplearning4j.nn.api.Layer[] layers = ((MultiLayerNetwork) network).getLayers();
      for (int i = 0; i < layers.length; i++) {
        add(found, layers[i], layers[i].conf().getLayer(), Integer.toString(i));
      }
    }
    Map<String, TensorRole> roles = new LinkedHashMap<>();
    network.paramTable().keySet().forEach(key -> roles.put(key, found.get(key)));
    return roles;
  }

  /** A frozen layer's own getConfig() is a dummy, so its configuration is given. */
  private static void add(
      Map<String, TensorRole> roles, Trainable trained, TrainingConfig owner, String name) {
    if (trained.numParams() > 0) {
      trained
          .paramTable(false)
          .keySet()
          .forEach(parameter -> roles.put(name + "_" + parameter, of(owner, parameter)));
    }
  }
}
