package org.agr4j.layers;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;

/**
 * What DL4J calls in a layer, brought to two methods on contiguous arrays with channels last.
 *
 * <p>Order of calls: {@link #forward}, and in training {@link #backward} with the same input before
 * the next {@code forward}. What {@code forward} keeps in a training step lies in DL4J's workspace
 * of activations and is gone after the step; {@code backward} computes it again where {@code
 * forward} ran without training, as below a frozen layer that lets gradients through.
 */
abstract class LayerComputation<C extends ChannelsLastLayer> extends BaseLayer<C> {
  private static final long serialVersionUID = 1L;

  private final transient Map<Integer, INDArray> sideInputs = new HashMap<>();
  private final transient Set<String> lent = new HashSet<>();
  private transient List<BorrowedTensor> borrowed = List.of();

  LayerComputation(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  /** Takes a side input; see {@link LinkedLayer}. */
  final void setSideInput(int number, INDArray array) {
    sideInputs.put(number, array);
  }

  /**
   * A side input, in the network's type and contiguous.
   *
   * @param number counts from 0
   * @param rows its expected sizes
   * @param columns or -1 for any
   */
  final INDArray sideInput(int number, long rows, long columns) {
    INDArray array = sideInputs.get(number);
    if (array == null) {
      throw new IllegalStateException(
          layerConf().described()
              + ": input "
              + (number + 2)
              + " is not set; add the layer to a graph with LinkedLayer.add");
    }
    if (array.rank() != 2 || array.size(0) != rows || columns >= 0 && array.size(1) != columns) {
      throw new DL4JInvalidInputException(
          layerConf().described()
              + ": input "
              + (number + 2)
              + " is "
              + Arrays.toString(array.shape())
              + ", expected ["
              + rows
              + ", "
              + (columns < 0 ? "…" : columns)
              + "]");
    }
    INDArray typed = array.castTo(dataType);
    return contiguous(typed) ? typed : typed.dup('c');
  }

  /** Takes the tensors of other layers that this one uses. */
  final void borrow(List<BorrowedTensor> tensors) {
    borrowed = tensors;
  }

  /** A tensor of another layer; counts from 0. */
  final BorrowedTensor borrowed(int number) {
    if (number >= borrowed.size()) {
      throw new IllegalStateException(
          layerConf().described()
              + ": borrows no tensor; add the layer to a graph with LinkedLayer.add");
    }
    return borrowed.get(number);
  }

  /** Called once after the tensors were drawn, where they may begin as borrowed ones. */
  void initializeFromBorrowed() {}

  /** A tensor's gradient for a borrower to write, before this layer's own backward pass. */
  final INDArray lendGradient(String key) {
    lent.add(key);
    return gradientOf(key);
  }

  /** Whether a borrower has written to a tensor's gradient in this backward pass. */
  final boolean isLent(String key) {
    return lent.contains(key);
  }

  /** Whether {@code backward} adds to gradients that are lent, in place of writing them. */
  boolean addsToLentGradients() {
    return false;
  }

  @Override
  public void clear() {
    super.clear();
    sideInputs.clear();
  }

  /**
   * Computes the layer's output.
   *
   * @param x [N, …, nIn], contiguous, not modified
   * @return in the workspace of activations, contiguous
   */
  abstract INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces);

  /**
   * The gradient of the input; writes those of the tensors to {@link #gradientOf}.
   *
   * @param x as given to {@code forward}
   * @param dy gradient of the output, contiguous, not modified
   * @return in the workspace of activation gradients, contiguous
   */
  abstract INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces);

  /** A tensor's gradient, to be written. */
  final INDArray gradientOf(String key) {
    return gradientViews.get(key);
  }

  /** A tensor as this step uses it: with DL4J's weight noise, if any. */
  final INDArray tensor(String key, boolean training, LayerWorkspaceMgr workspaces) {
    return getParamWithNoise(key, training, workspaces);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    applyDropOutIfNecessary(training, workspaces);
    INDArray x = channelsLast(input, inputIsChannelsFirst(), ArrayType.FF_WORKING_MEM, workspaces);
    checkInput(x);
    INDArray y = forward(x, training, workspaces);
    return channelsFirst(y, outputIsChannelsFirst(), ArrayType.ACTIVATIONS, workspaces);
  }

  /** Refuses an array that does not fit, with channels last. */
  void checkInput(INDArray x) {
    if (x.rank() < 2 || x.rank() > 4 || x.size(x.rank() - 1) != layerConf().getNIn()) {
      throw new DL4JInvalidInputException(
          layerConf().described()
              + ": expected "
              + (layerConf().isChannelsFirst() ? "[N, " : "[N, …, ")
              + layerConf().getNIn()
              + (layerConf().isChannelsFirst() ? ", …]" : "]")
              + ", found "
              + Arrays.toString(input.shape()));
    }
  }

  /** What borrowers wrote to the gradients of this layer, which overwrites them itself. */
  private Map<String, INDArray> ofBorrowers(LayerWorkspaceMgr workspaces) {
    Map<String, INDArray> copies = new HashMap<>();
    if (!addsToLentGradients()) {
      for (String key : lent) {
        INDArray gradient = gradientOf(key);
        copies.put(key, workspaces.dup(ArrayType.BP_WORKING_MEM, gradient, gradient.ordering()));
      }
    }
    return copies;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    ArrayType working = ArrayType.BP_WORKING_MEM;
    INDArray x = channelsLast(input, inputIsChannelsFirst(), working, workspaces);
    INDArray dy = channelsLast(epsilon, outputIsChannelsFirst(), working, workspaces);
    Map<String, INDArray> ofBorrowers = ofBorrowers(workspaces);
    INDArray dx =
        channelsFirst(
            backward(x, dy, workspaces),
            inputIsChannelsFirst(),
            ArrayType.ACTIVATION_GRAD,
            workspaces);
    ofBorrowers.forEach((key, theirs) -> gradientOf(key).addi(theirs));
    lent.clear();
    Gradient gradient = new DefaultGradient();
    for (LayerTensor tensor : layerConf().tensors()) {
      gradient.setGradientFor(tensor.key(), gradientViews.get(tensor.key()));
    }
    weightNoiseParams.clear();
    return new Pair<>(gradient, backpropDropOutIfPresent(dx));
  }

  /** [N, C, …] becomes [N, …, C] where {@code first}; contiguous in any case. */
  private INDArray channelsLast(
      INDArray array, boolean first, ArrayType where, LayerWorkspaceMgr workspaces) {
    INDArray typed = array.castTo(dataType);
    if (first && array.rank() > 2) {
      typed = array.rank() == 3 ? typed.permute(0, 2, 1) : typed.permute(0, 2, 3, 1);
    }
    return contiguous(typed) ? typed : workspaces.dup(where, typed, 'c');
  }

  private static INDArray channelsFirst(
      INDArray array, boolean first, ArrayType where, LayerWorkspaceMgr workspaces) {
    if (array == null || !first || array.rank() == 2) {
      return array;
    }
    INDArray permuted = array.rank() == 3 ? array.permute(0, 2, 1) : array.permute(0, 3, 1, 2);
    return workspaces.dup(where, permuted, 'c');
  }

  private boolean inputIsChannelsFirst() {
    return layerConf().isChannelsFirst();
  }

  /** Whether the output is [N, C, …]. */
  boolean outputIsChannelsFirst() {
    return layerConf().isChannelsFirst();
  }

  /** Whether the elements lie in memory in the order of their indices, without gaps. */
  static boolean contiguous(INDArray array) {
    return array.ordering() == 'c' && Shape.hasDefaultStridesForShape(array);
  }

  /** A contiguous array [N, …, C] as matrix [positions, C], over the same memory. */
  static INDArray rows(INDArray array) {
    long channels = array.size(array.rank() - 1);
    return array.rank() == 2 ? array : array.reshape('c', array.length() / channels, channels);
  }

  /** The shape of {@code like} with another number of channels. */
  static long[] shape(INDArray like, long channels) {
    long[] shape = like.shape().clone();
    shape[shape.length - 1] = channels;
    return shape;
  }

  /** An array for the output of this layer, or for what it keeps until the backward pass. */
  final INDArray activations(LayerWorkspaceMgr workspaces, long... shape) {
    return workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, shape, 'c');
  }

  /** An array for the gradient of the input. */
  final INDArray inputGradient(LayerWorkspaceMgr workspaces, long... shape) {
    return workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, shape, 'c');
  }

  /** An array that is gone when the backward pass of this layer is. */
  final INDArray scratch(LayerWorkspaceMgr workspaces, long... shape) {
    return workspaces.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, shape, 'c');
  }

  @Override
  public void setBackpropGradientsViewArray(INDArray gradients) {
    if (gradients == null) { // a layer without parameters
      gradientViews = Map.of();
    } else {
      super.setBackpropGradientsViewArray(gradients);
    }
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }
}
