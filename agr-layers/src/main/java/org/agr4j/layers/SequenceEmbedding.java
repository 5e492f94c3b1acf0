package org.agr4j.layers;

import java.util.List;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Adds a learned row for each position and for each segment to a sequence.
 *
 * <pre>
 * y[n, t] = x[n, t] + position[t] + segment[s[n, t]]
 * </pre>
 *
 * <p>x and y: [N, T, C] with T ≤ {@code length}. Side input s: [N, T], whole numbers below {@code
 * segments}; see {@link LinkedLayer}. Tensors: position [length, C] and segment [segments, C] in
 * order 'c', tables, drawn by {@code weightInit}. Rows of positions behind T get a gradient of
 * zero. Nothing is kept for the backward pass but the inputs.
 *
 * <pre>{@code
 * LinkedLayer.add(
 *     graph, "embedded", new SequenceEmbedding.Builder().length(512).build(), "words", "segments");
 * }</pre>
 *
 * <p>Source: Devlin et al., arXiv 1810.04805, section 3 and figure 2.
 */
public final class SequenceEmbedding extends ChannelsLastLayer {
  private static final String POSITION = "position";
  private static final String SEGMENT = "segment";
  private static final long serialVersionUID = 1L;

  @JsonProperty private int length;
  @JsonProperty private int segments;

  /** The defaults. */
  public SequenceEmbedding() {
    this(new Builder());
  }

  private SequenceEmbedding(Builder builder) {
    super(builder);
    length = builder.length;
    segments = builder.segments;
    initializeConstraints(builder);
  }

  @Override
  List<LayerTensor> tensors() {
    return List.of(
        LayerTensor.table(POSITION, length, nIn, weightInitFn),
        LayerTensor.table(SEGMENT, segments, nIn, weightInitFn));
  }

  @Override
  List<Object> settings() {
    return List.of(length, segments);
  }

  @Override
  int sideInputs() {
    return 1;
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    super.setNIn(inputType, override);
    if (!(inputType instanceof InputType.InputTypeRecurrent)
        || ((InputType.InputTypeRecurrent) inputType).getTimeSeriesLength() > length) {
      throw wrongInput("expected a sequence of at most " + length + " positions", inputType);
    }
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link SequenceEmbedding}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    private int length = 512;
    private int segments = 2;

    /** Sets the number of positions, the longest sequence; 512 by default. */
    public Builder length(int length) {
      this.length = Check.atLeast("length", length, 1);
      return this;
    }

    /** Sets the number of segments; 2 by default. */
    public Builder segments(int segments) {
      this.segments = Check.atLeast("segments", segments, 1);
      return this;
    }

    @Override
    public SequenceEmbedding build() {
      return new SequenceEmbedding(this);
    }
  }

  private static final class Computation extends LayerComputation<SequenceEmbedding> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    private int[] segments(INDArray x) {
      if (x.rank() != 3 || x.size(1) > layerConf().length) {
        throw new DL4JInvalidInputException(
            layerConf().described()
                + ": a sequence of "
                + x.size(1)
                + " positions, expected at most "
                + layerConf().length);
      }
      INDArray segments = sideInput(0, x.size(0), x.size(1));
      return WholeNumbers.below(
          layerConf().segments, segments, layerConf().described() + ": segment");
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      int[] segments = segments(x);
      INDArray y = activations(workspaces, x.shape());
      INDArray positions = tensor(POSITION, training, workspaces);
      INDArray table = tensor(SEGMENT, training, workspaces);
      long time = x.size(1);
      INDArray places = positions.get(NDArrayIndex.interval(0, time), NDArrayIndex.all());
      INDArray rows = rows(y);
      Rows.lookUp(table, segments, rows);
      for (long n = 0; n < x.size(0); n++) {
        INDArray sample = rows.get(NDArrayIndex.interval(n * time, (n + 1) * time));
        sample.addi(places);
      }
      return y.addi(x);
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      int[] segments = segments(x);
      INDArray positions = gradientOf(POSITION);
      positions.assign(0);
      long time = x.size(1);
      INDArray places = positions.get(NDArrayIndex.interval(0, time), NDArrayIndex.all());
      places.assign(dy.sum(0));
      INDArray table = gradientOf(SEGMENT).assign(0);
      Rows.addUp(rows(dy), segments, table);
      return inputGradient(workspaces, x.shape()).assign(dy);
    }
  }
}
