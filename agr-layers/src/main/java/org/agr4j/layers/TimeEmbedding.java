package org.agr4j.layers;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Sines and cosines of a number at frequencies from 1 down to nearly 1/10,000: how a diffusion
 * network is told the time.
 *
 * <pre>
 * y[n, 2i] = sin(t[n] f_i)   y[n, 2i + 1] = cos(t[n] f_i)   f_i = 10000^(−2i / nOut)
 * dt[n] = Σ_i f_i ( dy[n, 2i] cos(t[n] f_i) − dy[n, 2i + 1] sin(t[n] f_i) )
 * </pre>
 *
 * <p>t: [N, 1], any number; y: [N, nOut], nOut even. Computed in double precision and rounded once.
 * No parameters, and nothing is kept for the backward pass.
 *
 * <pre>{@code
 * new TimeEmbedding.Builder().nOut(128).build()   // input type: feedForward(1)
 * }</pre>
 *
 * <p>Source: Ho et al., arXiv 2006.11239, appendix B; Vaswani et al., arXiv 1706.03762, section
 * 3.5.
 */
public final class TimeEmbedding extends ChannelsLastLayer {
  private static final double LONGEST = 10_000;
  private static final long serialVersionUID = 1L;

  /** The defaults; nOut is to be set. */
  public TimeEmbedding() {
    this(new Builder());
  }

  private TimeEmbedding(Builder builder) {
    super(builder);
    nIn = 1;
    if (nOut % 2 != 0) {
      throw new IllegalArgumentException(
          "nOut = " + nOut + ", expected an even number: sines and cosines in pairs");
    }
  }

  @Override
  List<LayerTensor> tensors() {
    return List.of();
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
  long channelsOf(InputType type) {
    if (type instanceof InputType.InputTypeFeedForward
        && ((InputType.InputTypeFeedForward) type).getSize() == 1) {
      return 1;
    }
    throw wrongInput("expected one number for each example, InputType.feedForward(1)", type);
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link TimeEmbedding}: nOut, which is even. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    @Override
    public TimeEmbedding build() {
      return new TimeEmbedding(this);
    }
  }

  private static final class Computation extends LayerComputation<TimeEmbedding> {
    private static final long serialVersionUID = 1L;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    void checkInput(INDArray time) {
      if (time.rank() != 2 || time.size(1) != 1) {
        throw new DL4JInvalidInputException(
            layerConf().described()
                + ": expected times [N, 1], found "
                + Arrays.toString(time.shape()));
      }
    }

    private double frequency(int i) {
      return Math.pow(LONGEST, -(double) i / layerConf().getNOut());
    }

    @Override
    INDArray forward(INDArray time, boolean training, LayerWorkspaceMgr workspaces) {
      int width = (int) layerConf().getNOut();
      double[] times = time.reshape(time.length()).toDoubleVector();
      double[][] rows = new double[times.length][width];
      for (int i = 0; i < width; i += 2) {
        for (int n = 0; n < times.length; n++) {
          double phase = times[n] * frequency(i);
          rows[n][i] = Math.sin(phase);
          rows[n][i + 1] = Math.cos(phase);
        }
      }
      return activations(workspaces, times.length, width).assign(Nd4j.createFromArray(rows));
    }

    @Override
    INDArray backward(INDArray time, INDArray dy, LayerWorkspaceMgr workspaces) {
      double[] times = time.reshape(time.length()).toDoubleVector();
      INDArray dt = inputGradient(workspaces, time.shape());
      for (int n = 0; n < times.length; n++) {
        double sum = 0;
        for (int i = 0; i < dy.size(1); i += 2) {
          double phase = times[n] * frequency(i);
          double slope = dy.getDouble(n, i) * Math.cos(phase);
          sum += frequency(i) * (slope - dy.getDouble(n, i + 1) * Math.sin(phase));
        }
        dt.putScalar(n, 0, sum);
      }
      return dt;
    }
  }
}
