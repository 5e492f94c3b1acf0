package org.agr4j.layers.cpu;

import java.lang.invoke.VarHandle;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.AlgoMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BwdDataAlgo;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BwdFilterAlgo;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionHelper;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's oneDNN convolution, without its second forward pass.
 *
 * <p>DL4J computes the output z of a convolution again in {@code backpropGradient}, for the
 * derivative of the activation function, unless the layer's field {@code preOutput} holds it. The
 * derivatives of the identity (which does not look at z) and of ReLU (whose output is positive
 * where z is) can be had from the activations, which DL4J keeps for the next layer anyway: for
 * those two the field is set, at no cost of memory.
 */
final class OneDnnConvolution extends MKLDNNConvHelper {
  private static final VarHandle HELPER =
      LayerField.of(ConvolutionLayer.class, "helper", ConvolutionHelper.class);
  private static final VarHandle PRE_OUTPUT =
      LayerField.of(AbstractLayer.class, "preOutput", INDArray.class);
  private static final IActivation RELU = new ActivationReLU();

  private final ConvolutionLayer layer;

  private OneDnnConvolution(ConvolutionLayer layer) {
    super(DataType.FLOAT);
    this.layer = layer;
  }

  /** Makes a layer use oneDNN. */
  static void install(ConvolutionLayer layer) {
    HELPER.set(layer, new OneDnnConvolution(layer));
  }

  @Override
  public INDArray activate(INDArray z, IActivation function, boolean training) {
    INDArray activations = super.activate(z, function, training);
    // In place, so that z is what the network keeps; any other function computes z again.
    boolean reusable = training && activations == z && isReusable(function);
    PRE_OUTPUT.set(layer, reusable ? z : null);
    return activations;
  }

  /** The plain ReLU only: one with a slope or a maximum differs by value. */
  private static boolean isReusable(IActivation function) {
    return function instanceof ActivationIdentity || RELU.equals(function);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray input,
      INDArray weights,
      INDArray bias,
      INDArray delta,
      int[] kernel,
      int[] strides,
      int[] pad,
      INDArray biasGradient,
      INDArray weightGradient,
      IActivation function,
      AlgoMode mode,
      BwdFilterAlgo filterAlgorithm,
      BwdDataAlgo dataAlgorithm,
      ConvolutionMode convolutionMode,
      int[] dilation,
      CNN2DFormat format,
      LayerWorkspaceMgr workspaces) {
    PRE_OUTPUT.set(layer, null); // used, and its workspace is about to end
    return super.backpropGradient(
        input,
        weights,
        bias,
        delta,
        kernel,
        strides,
        pad,
        biasGradient,
        weightGradient,
        function,
        mode,
        filterAlgorithm,
        dataAlgorithm,
        convolutionMode,
        dilation,
        format,
        workspaces);
  }
}
