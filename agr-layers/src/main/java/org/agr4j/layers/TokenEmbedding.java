package org.agr4j.layers;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A table that is looked up: each token's row.
 *
 * <pre>
 * y[n, t] = W[token[n, t]]    dW[w] = Σ of dy[n, t] where token[n, t] = w
 * </pre>
 *
 * <p>Tokens: [N, T], whole numbers 0 ≤ token &lt; nIn in the network's type; y: [N, T, nOut].
 * Tensor: W [nIn, nOut] in order 'c', a table, drawn by {@code weightInit}. Nothing is kept for the
 * backward pass but the input. The gradient is added up token by token; that the other rows are set
 * to zero at every step costs a write of the table, because DL4J's updaters leave their step where
 * the gradient was. A layer behind may borrow W ({@link LinkedLayer}); then its gradient is added
 * to and nothing is set to zero.
 *
 * <pre>{@code
 * new TokenEmbedding.Builder().nIn(30522).nOut(128).build()   // input type: feedForward(T)
 * }</pre>
 *
 * <p>Source: Bengio et al., JMLR 3 (2003), section 2.
 */
public final class TokenEmbedding extends ChannelsLastLayer {
  static final String TABLE = "W";
  private static final long serialVersionUID = 1L;

  /** The defaults. */
  public TokenEmbedding() {
    this(new Builder());
  }

  private TokenEmbedding(Builder builder) {
    super(builder);
    initializeConstraints(builder);
  }

  @Override
  List<LayerTensor> tensors() {
    return List.of(LayerTensor.table(TABLE, nIn, nOut, weightInitFn));
  }

  @Override
  List<Object> settings() {
    return List.of();
  }

  @Override
  boolean keepsChannels() {
    return false;
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    tokens(inputType); // nIn is the number of rows, which the input cannot tell
  }

  private InputType.InputTypeFeedForward tokens(InputType type) {
    if (!(type instanceof InputType.InputTypeFeedForward)) {
      throw wrongInput("expected tokens, InputType.feedForward(length)", type);
    }
    return (InputType.InputTypeFeedForward) type;
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.recurrent(nOut, tokens(inputType).getSize(), RNNFormat.NWC);
  }

  @Override
  public long multiplyAdds(InputType inputType) {
    return 0;
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link TokenEmbedding}: nIn is the number of rows, nOut their width. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    @Override
    public TokenEmbedding build() {
      return new TokenEmbedding(this);
    }
  }

  private static final class Computation extends LayerComputation<TokenEmbedding> {
    private static final long serialVersionUID = 1L;

    private transient int[] rows;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    void checkInput(INDArray tokens) {
      if (tokens.rank() != 2) {
        throw new DL4JInvalidInputException(
            layerConf().described()
                + ": expected tokens [N, T], found "
                + Arrays.toString(tokens.shape()));
      }
    }

    @Override
    INDArray forward(INDArray tokens, boolean training, LayerWorkspaceMgr workspaces) {
      INDArray table = tensor(TABLE, training, workspaces);
      rows = WholeNumbers.below(table.size(0), tokens, layerConf().described() + ": token");
      INDArray y = activations(workspaces, tokens.size(0), tokens.size(1), table.size(1));
      Rows.lookUp(table, rows, rows(y));
      return y;
    }

    @Override
    INDArray backward(INDArray tokens, INDArray dy, LayerWorkspaceMgr workspaces) {
      INDArray gradient = gradientOf(TABLE);
      if (!isLent(TABLE)) {
        gradient.assign(0);
      }
      Rows.addUp(rows(dy), rows, gradient);
      return null;
    }

    @Override
    boolean addsToLentGradients() {
      return true;
    }
  }
}
