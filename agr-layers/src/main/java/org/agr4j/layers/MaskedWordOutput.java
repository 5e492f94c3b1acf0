package org.agr4j.layers;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The output layer of a masked language model: which word stands at each place, by the table of the
 * words' embedding, which it borrows.
 *
 * <pre>
 * d = x decoder.W    logits = d tableᵀ + b
 * loss = Σ over places of weight · cross entropy / (N P)
 * </pre>
 *
 * <p>x: [N, P, C]. Output: the logits [N, P, V]. Labels: the words [N, P], whole numbers below V;
 * nothing of size [N, P, V] is made of them. Label mask: the weights [N, P], all 1 if there is
 * none; P counts places of weight 0, too. DL4J divides gradients by N, this layer by P.
 *
 * <p>Tensors: b [V], a bias, 0 at first; decoder.W [C, E], a weight. Borrowed ({@link
 * LinkedLayer}): first the table [V, E], whose gradient gets this use's share; then a matrix [E,
 * C], the embedding's projection. If {@code tied}, its transpose is used in place of decoder.W,
 * which then does not exist, and its gradient gets the share; otherwise decoder.W begins as its
 * transpose.
 *
 * <pre>{@code
 * LinkedLayer.add(
 *     graph,
 *     "mlm",
 *     new MaskedWordOutput.Builder().nOut(30522).embedding(128).build(),
 *     List.of("embed1_W", "embed2_W"),
 *     "mlm_norm");
 * }</pre>
 *
 * <p>Source: Devlin et al., arXiv 1810.04805, section 3.1; Lan et al., arXiv 1909.11942, section
 * 3.1 (the factorised table).
 */
public final class MaskedWordOutput extends ChannelsLastLayer {
  static final String DECODER = "decoder.W";
  static final String BIAS = "b";
  private static final long serialVersionUID = 1L;

  @JsonProperty private int embedding;
  @JsonProperty private boolean tied;

  /** The defaults. */
  public MaskedWordOutput() {
    this(new Builder());
  }

  private MaskedWordOutput(Builder builder) {
    super(builder);
    embedding = builder.embedding;
    tied = builder.tied;
    initializeConstraints(builder);
  }

  /** Whether the projection of the embedding is used in place of a matrix of its own. */
  boolean isTied() {
    return tied;
  }

  @Override
  List<LayerTensor> tensors() {
    List<LayerTensor> tensors = new ArrayList<>();
    if (!tied) {
      tensors.add(LayerTensor.matrix(DECODER, nIn, embedding, weightInitFn));
    }
    tensors.add(LayerTensor.vector(BIAS, Role.BIAS, nOut, biasInit));
    return tensors;
  }

  @Override
  List<Object> settings() {
    return List.of(embedding, tied);
  }

  @Override
  boolean keepsChannels() {
    return false;
  }

  @Override
  int borrowedTensors() {
    return 2;
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    if (!(inputType instanceof InputType.InputTypeRecurrent)) {
      throw wrongInput("expected recurrent input", inputType);
    }
    long places = ((InputType.InputTypeRecurrent) inputType).getTimeSeriesLength();
    return InputType.recurrent(nOut, places, RNNFormat.NWC);
  }

  @Override
  public long multiplyAdds(InputType inputType) {
    return inputType.arrayElementsPerExample() / nIn * embedding * (nIn + nOut);
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new MaskedWordComputation(conf, dataType);
  }

  /**
   * What a network says of the words at given places.
   *
   * @param loss cross entropy of the true word, [N P]
   * @param best the likeliest word, [N P]
   */
  public record Answers(double[] loss, int[] best) {}

  /**
   * Cross entropy and likeliest word at each place, without all logits at once.
   *
   * @param network a graph that has such a layer
   * @param name of the layer
   * @param x what the layer is given, [N, P, C], not modified
   * @param words the true words [N, P], not modified
   */
  public static Answers answers(ComputationGraph network, String name, INDArray x, INDArray words) {
    if (!(network.getLayer(name) instanceof MaskedWordComputation)) {
      throw new IllegalArgumentException(
          "layer \"" + name + "\" is no MaskedWordOutput: " + network.getLayer(name));
    }
    return ((MaskedWordComputation) network.getLayer(name)).answers(x, words);
  }

  /** Settings of a {@link MaskedWordOutput}: nOut is the number V of words. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    private int embedding = 128;
    private boolean tied;

    /** Sets the width E of the borrowed table; 128 by default. */
    public Builder embedding(int embedding) {
      this.embedding = Check.atLeast("embedding", embedding, 1);
      return this;
    }

    /** Sets whether the embedding's projection is used, transposed; false by default. */
    public Builder tied(boolean tied) {
      this.tied = tied;
      return this;
    }

    @Override
    public MaskedWordOutput build() {
      return new MaskedWordOutput(this);
    }
  }
}
