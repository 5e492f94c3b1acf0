package org.agr4j.layers;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What computes a {@link MaskedWordOutput}. */
final class MaskedWordComputation extends OutputComputation<MaskedWordOutput> {
  private static final long serialVersionUID = 1L;

  private transient Double loss;
  private transient WordSoftmax softmax;

  MaskedWordComputation(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  void initializeFromBorrowed() {
    if (!layerConf().isTied()) {
      INDArray decoder = getParam(MaskedWordOutput.DECODER);
      decoder.assign(checked(1, decoder.size(1), decoder.size(0)).transpose());
    }
  }

  /** A borrowed tensor of the expected shape. */
  private INDArray checked(int number, long rows, long columns) {
    INDArray tensor = borrowed(number).value();
    if (!Arrays.equals(tensor.shape(), new long[] {rows, columns})) {
      throw new IllegalStateException(
          layerConf().described()
              + ": a borrowed tensor is "
              + Arrays.toString(tensor.shape())
              + ", expected ["
              + rows
              + ", "
              + columns
              + "]");
    }
    return tensor;
  }

  private INDArray table() {
    return borrowed(0).value();
  }

  /** [C, E]. */
  private INDArray decoder(boolean training, LayerWorkspaceMgr workspaces) {
    return layerConf().isTied()
        ? borrowed(1).value().transpose()
        : tensor(MaskedWordOutput.DECODER, training, workspaces);
  }

  private INDArray bias(boolean training, LayerWorkspaceMgr workspaces) {
    return tensor(MaskedWordOutput.BIAS, training, workspaces);
  }

  private static INDArray decoded(INDArray x, INDArray decoder) {
    INDArray d = Nd4j.createUninitialized(x.dataType(), new long[] {x.size(0), decoder.size(1)});
    return Products.multiply(x, decoder, d);
  }

  @Override
  INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
    INDArray y = activations(workspaces, shape(x, layerConf().getNOut()));
    INDArray d = decoded(rows(x), decoder(training, workspaces));
    WordSoftmax.logits(d, table(), bias(training, workspaces), rows(y));
    return y;
  }

  /** The words at all places. */
  private int[] words(INDArray labels, INDArray x) {
    if (labels == null || !Arrays.equals(labels.shape(), new long[] {x.size(0), x.size(1)})) {
      throw new DL4JInvalidInputException(
          layerConf().described()
              + ": labels are "
              + (labels == null ? "not set" : Arrays.toString(labels.shape()))
              + ", expected words ["
              + x.size(0)
              + ", "
              + x.size(1)
              + "]");
    }
    return WholeNumbers.below(layerConf().getNOut(), labels, layerConf().described() + ": word");
  }

  /** The weights of all places: the label mask, or 1. */
  private double[] weights(INDArray x) {
    double[] weights = new double[Math.toIntExact(x.size(0) * x.size(1))];
    if (maskArray == null) {
      Arrays.fill(weights, 1);
      return weights;
    }
    if (maskArray.length() != weights.length) {
      throw new DL4JInvalidInputException(
          layerConf().described()
              + ": the label mask is "
              + Arrays.toString(maskArray.shape())
              + ", expected weights ["
              + x.size(0)
              + ", "
              + x.size(1)
              + "]");
    }
    return maskArray.dup('c').data().asDouble();
  }

  /** The input of DL4J, which sets it without activating where the loss is all that is asked. */
  private INDArray x() {
    INDArray typed = input.castTo(dataType);
    INDArray x = contiguous(typed) ? typed : typed.dup('c');
    checkInput(x);
    return x;
  }

  @Override
  INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
    int[] words = words(getLabels(), x);
    double[] weights = weights(x);
    INDArray decoder = decoder(true, workspaces);
    INDArray d = decoded(rows(x), decoder);
    INDArray dD = scratch(workspaces, d.shape());
    INDArray ofTable = borrowed(0).gradient();
    int[] counted = counted(weights);
    boolean all = counted.length == weights.length;
    INDArray few = all ? d : scratch(workspaces, counted.length, d.size(1));
    INDArray dFew = all ? dD : scratch(workspaces, counted.length, d.size(1));
    if (!all) {
      Rows.lookUp(d, counted, few);
    }
    double sum =
        softmax()
            .gradient(
                few,
                table(),
                bias(true, workspaces),
                Arrays.stream(counted).map(i -> words[i]).toArray(),
                Arrays.stream(counted).mapToDouble(i -> weights[i] / x.size(1)).toArray(),
                dFew,
                ofTable,
                gradientOf(MaskedWordOutput.BIAS));
    if (!all) {
      Rows.addUp(dFew, counted, dD.assign(0));
    }
    loss = sum / x.size(0);
    INDArray dx = inputGradient(workspaces, x.shape());
    Products.timesTransposed(dD, decoder, rows(dx));
    if (!layerConf().isTied()) {
      INDArray gradient = gradientOf(MaskedWordOutput.DECODER);
      Products.transposedTimes(dD, rows(x), gradient.transpose());
      return dx;
    }
    INDArray gradient = borrowed(1).gradient();
    if (gradient != null) { // [E, C]: the transpose of xᵀ dD
      Products.transposedTimes(rows(x), dD, gradient.transpose());
    }
    return dx;
  }

  /** Places whose weight is not 0, or the first if there is none. */
  private static int[] counted(double[] weights) {
    int[] counted = IntStream.range(0, weights.length).filter(i -> weights[i] != 0).toArray();
    return counted.length == 0 ? new int[1] : counted;
  }

  private WordSoftmax softmax() {
    if (softmax == null) {
      softmax = new WordSoftmax();
    }
    return softmax;
  }

  @Override
  public org.nd4j.common.primitives.Pair<org.deeplearning4j.nn.gradient.Gradient, INDArray>
      backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    return super.backpropGradient(input, workspaces); // there is no gradient from above
  }

  @Override
  public double computeScore(
      double regularization, boolean training, LayerWorkspaceMgr workspaces) {
    if (loss == null) {
      INDArray x = x();
      double[] losses = answers(x, getLabels()).loss();
      double[] weights = weights(x);
      double sum = 0;
      for (int i = 0; i < losses.length; i++) {
        sum += weights[i] * losses[i];
      }
      loss = sum / losses.length;
    }
    score = loss + regularization;
    return score;
  }

  @Override
  public INDArray computeScoreForExamples(double regularization, LayerWorkspaceMgr workspaces) {
    INDArray x = x();
    double[] losses = answers(x, getLabels()).loss();
    double[] weights = weights(x);
    INDArray scores = workspaces.create(ArrayType.ACTIVATIONS, dataType, x.size(0), 1);
    int places = (int) x.size(1);
    for (int n = 0; n < x.size(0); n++) {
      double sum = 0;
      for (int p = 0; p < places; p++) {
        sum += weights[n * places + p] * losses[n * places + p];
      }
      scores.putScalar(n, sum / places + regularization);
    }
    return scores;
  }

  /** See {@link MaskedWordOutput#answers}. */
  MaskedWordOutput.Answers answers(INDArray x, INDArray words) {
    LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
    INDArray typed = x.castTo(dataType);
    INDArray rows = rows(contiguous(typed) ? typed : typed.dup('c'));
    INDArray d = decoded(rows, decoder(false, none));
    return softmax().answers(d, table(), bias(false, none), words(words, x));
  }

  @Override
  public void setInput(INDArray input, LayerWorkspaceMgr workspaces) {
    super.setInput(input, workspaces);
    loss = null;
  }

  @Override
  public void clear() {
    super.clear();
    loss = null;
  }
}
