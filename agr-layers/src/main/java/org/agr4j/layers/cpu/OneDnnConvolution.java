package org.agr4j.layers.cpu;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.AlgoMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BwdDataAlgo;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.BwdFilterAlgo;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer.FwdAlgo;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.layers.LayerHelper;
import org.deeplearning4j.nn.layers.convolution.ConvolutionHelper;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.broadcast.BiasAdd;
import org.nd4j.linalg.factory.Nd4j;

/**
 * DL4J's oneDNN convolution, made exact and without its second forward pass.
 *
 * <p><b>Layout.</b> For NHWC arrays the operations {@code conv2d} and {@code conv2d_bp} of ND4J
 * 1.0.0-M2.1 hand oneDNN the memory of the input and of the gradient as if it were contiguous,
 * whatever the strides are (for NCHW they look at the strides). DL4J computes the gradient of a
 * channels-last ReLU into an NCHW array and permutes that: its gradients then were off by several
 * times their size, or read beyond the array. Here such arrays are copied first.
 *
 * <p><b>Second forward pass.</b> DL4J computes the output z of a convolution again in {@code
 * backpropGradient}, for the derivative of the activation function, unless the layer's field {@code
 * preOutput} holds it. The derivatives of the identity (which does not look at z) and of ReLU
 * (whose output is positive where z is) can be had from the activations, which DL4J keeps for the
 * next layer anyway: for those two the field is set, at no cost of memory.
 *
 * <p><b>3×3.</b> Most of a ResNet's convolutions go forward as {@link WinogradConvolution}.
 */
final class OneDnnConvolution extends MKLDNNConvHelper {
  private static final VarHandle HELPER =
      LayerField.of(ConvolutionLayer.class, "helper", ConvolutionHelper.class);
  private static final VarHandle PRE_OUTPUT =
      LayerField.of(AbstractLayer.class, "preOutput", INDArray.class);
  private static final IActivation RELU = new ActivationReLU();

  private final ConvolutionLayer layer;
  private final boolean keepsSigns;

  // Of a fused block: where gradients lie, or null; the fused part below, or null; and whether
  // anyone
  // reads the gradient of the input.
  private GradientBuffers buffers;
  private GradientReader below;
  private boolean inputHasGradient;

  private OneDnnConvolution(ConvolutionLayer layer, boolean keepsSigns) {
    super(DataType.FLOAT);
    this.layer = layer;
    this.keepsSigns = keepsSigns;
  }

  /** Whether oneDNN can compute a layer: ND4J cannot describe a dilated convolution to it. */
  static boolean canCompute(ConvolutionLayer layer) {
    return Arrays.stream(layer.layerConf().getDilation()).allMatch(dilation -> dilation == 1);
  }

  /**
   * Makes a layer use oneDNN, which {@link #canCompute} it.
   *
   * @param keepsSigns whether its activations still have their signs in the backward pass
   */
  static void install(ConvolutionLayer layer, boolean keepsSigns) {
    OneDnnConvolution present = of(layer);
    if (present == null || present.buffers == null) {
      HELPER.set(layer, new OneDnnConvolution(layer, keepsSigns));
    }
  }

  /** What a layer uses, if it is this. */
  static OneDnnConvolution of(ConvolutionLayer layer) {
    LayerHelper helper = layer.getHelper();
    return helper instanceof OneDnnConvolution ? (OneDnnConvolution) helper : null;
  }

  /**
   * Makes this a part of a {@link FusedBlocks fused block}; its activation is the identity.
   *
   * @param below the ReLU or pooling that it reads, or null for anything else
   * @param inputHasGradient whether the gradient of its input is needed
   */
  void fuse(GradientBuffers buffers, GradientReader below, boolean inputHasGradient) {
    this.buffers = buffers;
    this.below = below;
    this.inputHasGradient = inputHasGradient;
  }

  @Override
  public INDArray preOutput(
      INDArray input,
      INDArray weights,
      INDArray bias,
      int[] kernel,
      int[] strides,
      int[] pad,
      AlgoMode mode,
      FwdAlgo algorithm,
      ConvolutionMode convolutionMode,
      int[] dilation,
      CNN2DFormat format,
      LayerWorkspaceMgr workspaces) {
    PRE_OUTPUT.set(layer, null); // of an earlier batch, if that had no backward pass
    if (buffers != null) {
      INDArray out =
          inBlock(
              input, weights, bias, kernel, strides, pad, convolutionMode, dilation, workspaces);
      if (out != null) {
        PRE_OUTPUT.set(layer, out); // which the identity's derivative does not look at
        return out;
      }
    }
    INDArray images = readable(input, format);
    boolean same = convolutionMode == ConvolutionMode.Same;
    boolean channelsLast = format == CNN2DFormat.NHWC;
    if (WinogradConvolution.fits(images, channelsLast, weights, kernel, strides, pad, same)) {
      return byWinograd(rowMajor(images), channelsLast, weights, bias, workspaces);
    }
    return super.preOutput(
        images,
        weights,
        bias,
        kernel,
        strides,
        pad,
        mode,
        algorithm,
        convolutionMode,
        dilation,
        format,
        workspaces);
  }

  /** The output as {@link ChannelsLastImages}, or null where it does not fit the loops. */
  private static INDArray inBlock(
      INDArray input,
      INDArray weights,
      INDArray bias,
      int[] kernel,
      int[] strides,
      int[] pad,
      ConvolutionMode mode,
      int[] dilation,
      LayerWorkspaceMgr workspaces) {
    int[] padding = mode == ConvolutionMode.Same ? null : pad;
    int[] size =
        ConvolutionUtils.getOutputSize(
            input, kernel, strides, padding, mode, dilation, CNN2DFormat.NCHW);
    INDArray out =
        ChannelsLastImages.create(
            workspaces, ArrayType.ACTIVATIONS, input.size(0), weights.size(0), size[0], size[1]);
    if (!HostFloats.fits(input) || !HostFloats.fits(out)) {
      return null;
    }
    convolution(kernel, strides, pad, mode)
        .forward(ChannelsLastImages.of(input), weights, bias, ChannelsLastImages.of(out));
    return out;
  }

  private static INDArray byWinograd(
      INDArray x, boolean channelsLast, INDArray weights, INDArray bias, LayerWorkspaceMgr memory) {
    long outputs = weights.size(0);
    long[] shape = x.shape().clone();
    shape[channelsLast ? 3 : 1] = outputs;
    INDArray out = memory.createUninitialized(ArrayType.ACTIVATIONS, DataType.FLOAT, shape);
    INDArray turned =
        memory.createUninitialized(
            ArrayType.FF_WORKING_MEM, DataType.FLOAT, 3, 3, outputs, weights.size(1));
    WinogradConvolution.forward(x, weights, channelsLast, turned, out);
    if (bias != null) {
      Nd4j.exec(new BiasAdd(out, bias.reshape(outputs), out, !channelsLast));
    }
    return out;
  }

  @Override
  public INDArray activate(INDArray z, IActivation function, boolean training) {
    INDArray activations = function.getActivation(z, training);
    // In place, so that z is what the network keeps. Any other function computes z again, unless
    // the layer has just put a copy of it there (CacheMode.DEVICE).
    if (training && activations == z && isReusable(function)) {
      PRE_OUTPUT.set(layer, z);
    }
    return activations;
  }

  /** The plain ReLU only: one with a slope or a maximum differs by value. */
  private boolean isReusable(IActivation function) {
    return function instanceof ActivationIdentity || keepsSigns && RELU.equals(function);
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
    layer.clearNoiseWeightParams(); // as DL4J does after its own backward pass
    if (buffers != null && HostFloats.fits(input) && HostFloats.fits(delta)) {
      INDArray dx = buffers.take(input);
      convolution(kernel, strides, pad, convolutionMode)
          .backward(
              ChannelsLastImages.of(input),
              weights,
              bias,
              ChannelsLastImages.of(delta),
              ChannelsLastImages.of(dx),
              weightGradient,
              biasGradient);
      buffers.release(delta);
      return new Pair<>(gradient(weightGradient, biasGradient), handedDown(dx, workspaces));
    }
    Pair<Gradient, INDArray> result =
        super.backpropGradient(
            readable(input, format),
            weights,
            bias,
            readable(delta, format),
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
    if (below != null) {
      INDArray dx = buffers.take(input);
      dx.assign(result.getSecond());
      below.arrive(dx);
    }
    return result;
  }

  private static ChannelsLastConvolution convolution(
      int[] kernel, int[] strides, int[] pad, ConvolutionMode mode) {
    return new ChannelsLastConvolution(kernel, strides, pad, mode == ConvolutionMode.Same);
  }

  private static Gradient gradient(INDArray ofWeights, INDArray ofBias) {
    Gradient gradient = new DefaultGradient();
    if (ofBias != null) {
      gradient.setGradientFor(ConvolutionParamInitializer.BIAS_KEY, ofBias);
    }
    gradient.setGradientFor(ConvolutionParamInitializer.WEIGHT_KEY, ofWeights);
    return gradient;
  }

  private INDArray handedDown(INDArray dx, LayerWorkspaceMgr workspaces) {
    if (below != null) {
      below.arrive(dx);
      return dx;
    }
    // Parts that are not fused get it in the order they know.
    INDArray copy = inputHasGradient ? workspaces.dup(ArrayType.ACTIVATION_GRAD, dx, 'c') : null;
    buffers.release(dx);
    return copy;
  }

  /** The array, or a contiguous copy where the operation would not look at its strides. */
  private static INDArray readable(INDArray array, CNN2DFormat format) {
    return format == CNN2DFormat.NCHW ? array : rowMajor(array);
  }

  private static INDArray rowMajor(INDArray array) {
    return HostFloats.isRowMajor(array) ? array : array.dup('c');
  }
}
