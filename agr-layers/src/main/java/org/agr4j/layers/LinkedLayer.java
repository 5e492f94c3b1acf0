package org.agr4j.layers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A layer of a graph that reads further inputs, or uses tensors of layers before it.
 *
 * <p>The first input is the layer's input as DL4J means it. The others are side inputs, such as a
 * mask or the segments of tokens: they get no gradient. A borrowed tensor, named as DL4J names it
 * (LAYER_TENSOR), stays the other layer's: it is saved, updated and decayed once, and its gradient
 * is the sum of both uses. That is exact because DL4J's backward pass comes to the borrower before
 * the owner. The owner must be a layer of this package that comes before the borrower in the graph;
 * if it is frozen, the tensor is used and gets no gradient.
 *
 * <pre>{@code
 * LinkedLayer.add(graph, "block", new RepeatedBlock.Builder().repeats(6).build(), "embedding", "mask");
 * }</pre>
 *
 * <p>DL4J's {@code TransferLearning} replaces a frozen layer's vertex by a plain one, which then
 * refuses the side inputs.
 */
public final class LinkedLayer extends LayerVertex {
  private static final long serialVersionUID = 1L;

  @JsonProperty private List<String> borrowed = new ArrayList<>();

  /** For DL4J's JSON. */
  public LinkedLayer() {}

  private LinkedLayer(NeuralNetConfiguration layer, List<String> borrowed) {
    super(layer, null);
    this.borrowed = new ArrayList<>(borrowed);
  }

  /**
   * Adds a layer with side inputs to a graph.
   *
   * @param graph receives the layer
   * @param name of the layer
   * @param layer of this package, one that reads side inputs
   * @param inputs names: the layer's input first, then its side inputs in the layer's order
   */
  public static void add(
      GraphBuilder graph, String name, ChannelsLastLayer layer, String... inputs) {
    add(graph, name, layer, List.of(), inputs);
  }

  /**
   * Adds a layer that borrows tensors, or reads side inputs, to a graph.
   *
   * @param graph receives the layer
   * @param name of the layer
   * @param layer of this package
   * @param borrowed names of the tensors, LAYER_TENSOR, in the layer's order
   * @param inputs names: the layer's input first, then its side inputs in the layer's order
   * @throws IllegalArgumentException if the layer takes another number of them
   */
  public static void add(
      GraphBuilder graph,
      String name,
      ChannelsLastLayer layer,
      List<String> borrowed,
      String... inputs) {
    if (inputs.length != 1 + layer.sideInputs() || borrowed.size() != layer.borrowedTensors()) {
      throw new IllegalArgumentException(
          "layer \""
              + name
              + "\" ("
              + layer.getClass().getSimpleName()
              + ") has inputs "
              + Arrays.toString(inputs)
              + " and borrows "
              + borrowed
              + ", expected "
              + (1 + layer.sideInputs())
              + " inputs and "
              + layer.borrowedTensors()
              + " tensors");
    }
    NeuralNetConfiguration.Builder builder = graph.getGlobalConfiguration().clone();
    builder.layer(layer);
    graph.addVertex(name, new LinkedLayer(builder.build(), borrowed), inputs);
    layer.setLayerName(name);
  }

  private ChannelsLastLayer layer() {
    return (ChannelsLastLayer) getLayerConf().getLayer();
  }

  @Override
  public LinkedLayer clone() {
    LinkedLayer copy = new LinkedLayer(getLayerConf().clone(), borrowed);
    copy.setPreProcessor(getPreProcessor() == null ? null : getPreProcessor().clone());
    return copy;
  }

  @Override
  public int minVertexInputs() {
    return 1 + layer().sideInputs();
  }

  @Override
  public int maxVertexInputs() {
    return 1 + layer().sideInputs();
  }

  @Override
  public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray paramsView,
      boolean initializeParams,
      DataType dataType) {
    LayerComputation<?> computation =
        (LayerComputation<?>)
            layer()
                .instantiate(getLayerConf(), null, index, paramsView, initializeParams, dataType);
    LinkedLayerVertex vertex =
        new LinkedLayerVertex(
            graph,
            name,
            index,
            computation,
            getPreProcessor(),
            graph.getConfiguration().getNetworkOutputs().contains(name),
            dataType);
    List<BorrowedTensor> tensors = new ArrayList<>();
    for (String tensor : borrowed) {
      tensors.add(new BorrowedTensor(graph, name, tensor));
    }
    computation.borrow(List.copyOf(tensors));
    if (initializeParams) {
      computation.initializeFromBorrowed();
    }
    return vertex;
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType... inputs)
      throws InvalidInputTypeException {
    return super.getOutputType(layerIndex, inputs[0]);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LinkedLayer
        && super.equals(other)
        && borrowed.equals(((LinkedLayer) other).borrowed);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), borrowed);
  }

  @Override
  public String toString() {
    return "LinkedLayer(" + getLayerConf().getLayer() + ", borrows " + borrowed + ")";
  }
}
