package org.agr4j.layers;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Multi-head self-attention over all positions of a sequence or an image.
 *
 * <pre>
 * q = x W_q + b_q, k, v likewise
 * y = concatenated heads( softmax( q kᵀ / √d − 10000 (1 − mask of the key) ) v ) W_proj + b_proj
 * </pre>
 *
 * <p>d = C / heads. x and y: [N, time, C] or [N, H, W, C]. DL4J's mask of the input, [N, time],
 * says which keys count; positions it leaves out still get an output. Tensors: q.W, k.W, v.W and
 * proj.W [C, C], weights; q.b, k.b, v.b and proj.b [C], biases. Kept for the backward pass, for N
 * samples with T positions: 4 N T C numbers and N · heads · T² probabilities.
 *
 * <pre>{@code
 * new SelfAttention.Builder().heads(4).build()
 * }</pre>
 *
 * <p>Source: Vaswani et al., arXiv 1706.03762, section 3.2.
 */
public final class SelfAttention extends ChannelsLastLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty private int heads;

  /** A self-attention with the default settings. */
  public SelfAttention() {
    this(new Builder());
  }

  private SelfAttention(Builder builder) {
    super(builder);
    heads = builder.heads;
    initializeConstraints(builder);
  }

  /** The three matrices first, then their biases, so that they lie as one matrix [C, 3C]. */
  @Override
  List<LayerTensor> tensors() {
    List<LayerTensor> tensors = new ArrayList<>();
    JointTensors.WEIGHTS.forEach(
        key -> tensors.add(LayerTensor.matrix(key, nIn, nIn, weightInitFn)));
    JointTensors.BIASES.forEach(
        key -> tensors.add(LayerTensor.vector(key, Role.BIAS, nIn, biasInit)));
    tensors.addAll(Attention.projection(nIn, weightInitFn, biasInit));
    return tensors;
  }

  @Override
  List<Object> settings() {
    return List.of(heads);
  }

  @Override
  long channelsOf(InputType type) {
    if (type instanceof InputType.InputTypeFeedForward) {
      throw wrongInput("expected recurrent or convolutional input", type);
    }
    return super.channelsOf(type);
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    super.setNIn(inputType, override);
    if (nIn % heads != 0) {
      throw wrongInput("expected channels that are a multiple of the heads, " + heads, inputType);
    }
  }

  @Override
  public long multiplyAdds(InputType inputType) {
    long elements = inputType.arrayElementsPerExample();
    return super.multiplyAdds(inputType) + 2 * elements * (elements / nIn);
  }

  @Override
  long keptElements(InputType inputType) {
    long elements = inputType.arrayElementsPerExample();
    long positions = elements / nIn;
    return 4 * elements + heads * positions * positions;
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link SelfAttention}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    private int heads = 1;

    /** Sets the number of heads, a divisor of the channels; 1 by default. */
    public Builder heads(int heads) {
      this.heads = Check.atLeast("heads", heads, 1);
      return this;
    }

    @Override
    public SelfAttention build() {
      return new SelfAttention(this);
    }
  }

  private static final class Computation extends AttentionComputation<SelfAttention> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    WindowGrid grid(INDArray x) {
      return WindowGrid.whole((int) (x.length() / x.size(0) / x.size(x.rank() - 1)));
    }

    @Override
    HeadLayout layout() {
      SelfAttention conf = layerConf();
      return new HeadLayout(conf.heads, (int) conf.getNIn() / conf.heads, false);
    }

    @Override
    double normEpsilon() {
      return 0;
    }

    @Override
    INDArray jointWeight(boolean training, LayerWorkspaceMgr workspaces) {
      return hasNoise()
          ? joined(1, JointTensors.WEIGHTS, training, workspaces)
          : JointTensors.weights(paramsFlattened, layerConf().getNIn());
    }

    @Override
    INDArray jointBias(boolean training, LayerWorkspaceMgr workspaces) {
      return hasNoise()
          ? joined(0, JointTensors.BIASES, training, workspaces)
          : JointTensors.biases(paramsFlattened, layerConf().getNIn());
    }

    private boolean hasNoise() {
      return layerConf().getWeightNoise() != null;
    }

    private INDArray joined(
        int axis, List<String> keys, boolean training, LayerWorkspaceMgr workspaces) {
      INDArray[] parts = new INDArray[keys.size()];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = tensor(keys.get(i), training, workspaces);
      }
      return Nd4j.concat(axis, parts);
    }

    @Override
    INDArray jointWeightGradient() {
      return JointTensors.weights(gradientsFlattened, layerConf().getNIn());
    }

    @Override
    INDArray jointBiasGradient() {
      return JointTensors.biases(gradientsFlattened, layerConf().getNIn());
    }

    @Override
    boolean hasScoreBias() {
      return false;
    }

    @Override
    INDArray scoreBias(boolean training, LayerWorkspaceMgr workspaces) {
      throw new IllegalStateException("no bias");
    }

    @Override
    void scoreBiasGradient(INDArray gradient) {
      throw new IllegalStateException("no bias");
    }

    @Override
    INDArray keyMask() {
      return maskArray;
    }
  }
}
