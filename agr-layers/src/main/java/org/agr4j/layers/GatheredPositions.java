package org.agr4j.layers;

import java.util.List;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Given positions of every sequence.
 *
 * <pre>
 * y[n, p] = x[n, i[n, p]]    dx[n, t] = Σ of dy[n, p] where i[n, p] = t
 * </pre>
 *
 * <p>x: [N, T, C]. Side input i: [N, P], whole numbers below T; see {@link LinkedLayer}. y: [N, P,
 * C]. No parameters, and nothing is kept for the backward pass but the inputs.
 *
 * <pre>{@code
 * LinkedLayer.add(
 *     graph, "masked", new GatheredPositions.Builder().positions(75).build(), "block", "positions");
 * }</pre>
 *
 * <p>Source: Devlin et al., arXiv 1810.04805, section 3.1: only masked words are predicted.
 */
public final class GatheredPositions extends ChannelsLastLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty private int positions;

  /** The defaults. */
  public GatheredPositions() {
    this(new Builder());
  }

  private GatheredPositions(Builder builder) {
    super(builder);
    positions = builder.positions;
  }

  @Override
  List<LayerTensor> tensors() {
    return List.of();
  }

  @Override
  List<Object> settings() {
    return List.of(positions);
  }

  @Override
  int sideInputs() {
    return 1;
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    if (!(inputType instanceof InputType.InputTypeRecurrent)) {
      throw wrongInput("expected recurrent input", inputType);
    }
    InputType.InputTypeRecurrent type = (InputType.InputTypeRecurrent) inputType;
    return InputType.recurrent(nOut, positions, type.getFormat());
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of {@link GatheredPositions}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    private int positions = 1;

    /**
     * Sets the number P of positions of a sequence, for the shapes behind this layer; arrays with
     * another P are computed all the same. 1 by default.
     */
    public Builder positions(int positions) {
      this.positions = Check.atLeast("positions", positions, 1);
      return this;
    }

    @Override
    public GatheredPositions build() {
      return new GatheredPositions(this);
    }
  }

  private static final class Computation extends LayerComputation<GatheredPositions> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    /** Rows of x as a matrix. */
    private int[] rowsOf(INDArray x) {
      INDArray positions = sideInput(0, x.size(0), -1);
      if (x.rank() != 3) {
        throw new DL4JInvalidInputException(
            layerConf().described() + ": expected [N, T, C], found rank " + x.rank());
      }
      int[] rows = WholeNumbers.below(x.size(1), positions, layerConf().described() + ": position");
      int perSample = rows.length / (int) x.size(0);
      for (int i = 0; i < rows.length; i++) {
        rows[i] += i / perSample * (int) x.size(1);
      }
      return rows;
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      int[] rows = rowsOf(x);
      INDArray y = activations(workspaces, x.size(0), rows.length / x.size(0), x.size(2));
      Rows.lookUp(rows(x), rows, rows(y));
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      INDArray dx = inputGradient(workspaces, x.shape()).assign(0);
      Rows.addUp(rows(dy), rowsOf(x), rows(dx));
      return dx;
    }
  }
}
