package org.agr4j.layers.cpu;

import java.lang.invoke.VarHandle;
import java.util.Collections;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.LayerHelper;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.layers.normalization.BatchNormalizationHelper;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Batch normalization that reads each channel twice, once for the sums and once to normalize.
 *
 * <p>DL4J's own takes a pass for the mean, one for the variance and one to normalize, and about ten
 * in its backward pass: see {@link BatchNormPass}. Images must be FLOAT; those that are not
 * row-major are copied first. For any other input (dense layers) the methods return null, and DL4J
 * goes its own way.
 */
final class FusedBatchNorm implements BatchNormalizationHelper {
  private static final VarHandle HELPER =
      LayerField.of(BatchNormalization.class, "helper", BatchNormalizationHelper.class);
  private static final VarHandle X_HAT =
      LayerField.of(BatchNormalization.class, "xHat", INDArray.class);

  // Below this many pixels a channel is not worth the calls; a dense layer's input has one.
  private static final int MIN_PIXELS = 4;

  private final BatchNormalization layer;

  // What the last forward pass used, and whether these are the batch's own.
  private INDArray mean;
  private INDArray variance;
  private boolean ofBatch;

  // Of a fused block: where gradients lie, or null; whether a sum comes before its ReLU; and
  // whether this writes what ReLU makes of it.
  private GradientBuffers buffers;
  private boolean beforeSum;
  private boolean fusesRelu;
  private ChannelsLastPass pass;
  private INDArray beta;
  private INDArray deferred;
  private INDArray cut;

  private FusedBatchNorm(BatchNormalization layer) {
    this.layer = layer;
  }

  /** Makes a layer use this; returns false where its parameters are fixed. */
  static boolean install(BatchNormalization layer) {
    if (layer.layerConf().isLockGammaBeta()) {
      return false;
    }
    if (of(layer) == null) {
      HELPER.set(layer, new FusedBatchNorm(layer));
    }
    return true;
  }

  /** What a layer uses, if it is this. */
  static FusedBatchNorm of(BatchNormalization layer) {
    LayerHelper helper = layer.getHelper();
    return helper instanceof FusedBatchNorm ? (FusedBatchNorm) helper : null;
  }

  /**
   * Makes this a part of a {@link FusedBlocks fused block}.
   *
   * @param beforeSum whether a sum reads this
   * @param fusesRelu whether this writes the block's output: not the second batch norm under a sum
   */
  void fuse(GradientBuffers buffers, boolean beforeSum, boolean fusesRelu) {
    this.buffers = buffers;
    this.beforeSum = beforeSum;
    this.fusesRelu = fusesRelu;
  }

  /** Whether an array is ReLU of this layer's output, written in place of it. */
  boolean hasCut(INDArray array) {
    return array != null && array == cut;
  }

  /** Whether an array is to be written by {@link #finish}. */
  boolean isDeferred(INDArray array) {
    return array != null && array == deferred;
  }

  /** Writes ReLU(y + addend) to the array that is this layer's output. */
  void finish(INDArray addend) {
    pass.normalize(mean, variance, beta, addend, true, ChannelsLastImages.of(deferred));
    deferred = null;
    pass = null;
  }

  @Override
  public boolean checkSupported(double epsilon, boolean fixedGammaBeta) {
    return !fixedGammaBeta;
  }

  @Override
  public boolean checkSupported() {
    return true;
  }

  @Override
  public INDArray preOutput(
      INDArray x,
      boolean training,
      long[] shape,
      INDArray gamma,
      INDArray beta,
      INDArray globalMean,
      INDArray globalVariance,
      double decay,
      double epsilon,
      CNN2DFormat format,
      LayerWorkspaceMgr workspaces) {
    deferred = null;
    cut = null;
    if (!fits(x, gamma.length())) {
      return null;
    }
    if (buffers != null) {
      ensureStatistics(gamma.length());
      return inBlock(x, training, gamma, beta, globalMean, globalVariance, epsilon, workspaces);
    }
    INDArray in = contiguous(x);
    INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape());
    BatchNormPass pass = BatchNormPass.over(in, format, gamma, epsilon);
    ensureStatistics(gamma.length());
    ofBatch = training;
    if (training) {
      pass.forward(mean, variance, beta, out);
    } else {
      mean.assign(globalMean.reshape(mean.shape()));
      variance.assign(globalVariance.reshape(variance.shape()));
      pass.normalize(mean, variance, beta, out);
    }
    X_HAT.set(layer, null); // of an earlier batch that was not for this pass
    return out;
  }

  private INDArray inBlock(
      INDArray x,
      boolean training,
      INDArray gamma,
      INDArray beta,
      INDArray globalMean,
      INDArray globalVariance,
      double epsilon,
      LayerWorkspaceMgr workspaces) {
    X_HAT.set(layer, null);
    ofBatch = training;
    pass = new ChannelsLastPass(ChannelsLastImages.of(x), gamma, epsilon);
    INDArray out = ChannelsLastImages.createLike(x, workspaces, ArrayType.ACTIVATIONS);
    if (training) {
      pass.statistics(mean, variance);
    } else {
      mean.assign(globalMean.reshape(mean.shape()));
      variance.assign(globalVariance.reshape(variance.shape()));
    }
    boolean step = fusesRelu && training && FusedBlocks.isTrainingStep(workspaces);
    if (step && beforeSum) {
      this.beta = beta;
      deferred = out;
      return out;
    }
    pass.normalize(mean, variance, beta, null, step, ChannelsLastImages.of(out));
    cut = step ? out : null;
    pass = null;
    return out;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray x,
      INDArray dOut,
      long[] shape,
      INDArray gamma,
      INDArray beta,
      INDArray dGamma,
      INDArray dBeta,
      double epsilon,
      CNN2DFormat format,
      LayerWorkspaceMgr workspaces) {
    // After a forward pass in inference (frozen layers do that) DL4J has a formula of its own, for
    // which it asks for the mean and variance below.
    if (!ofBatch || !fits(x, gamma.length())) {
      return null;
    }
    if (buffers != null) {
      return backwardInBlock(x, dOut, gamma, beta, dGamma, dBeta, epsilon);
    }
    INDArray dIn =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), x.shape());
    BatchNormPass.over(contiguous(x), format, gamma, epsilon)
        .backward(mean, variance, contiguous(dOut.castTo(x.dataType())), dGamma, dBeta, dIn);
    return result(dGamma, dBeta, dIn);
  }

  private Pair<Gradient, INDArray> backwardInBlock(
      INDArray x,
      INDArray dOut,
      INDArray gamma,
      INDArray beta,
      INDArray dGamma,
      INDArray dBeta,
      double epsilon) {
    boolean inPlace = buffers.isLastReaders(dOut);
    INDArray dIn = inPlace ? dOut : buffers.take(x);
    new ChannelsLastPass(ChannelsLastImages.of(x), gamma, epsilon)
        .backward(
            mean,
            variance,
            cut != null ? beta : null,
            ChannelsLastImages.of(dOut),
            dGamma,
            dBeta,
            ChannelsLastImages.of(dIn));
    if (!inPlace) {
      buffers.release(dOut);
    }
    return result(dGamma, dBeta, dIn);
  }

  private static Pair<Gradient, INDArray> result(INDArray dGamma, INDArray dBeta, INDArray dIn) {
    Gradient gradient = new DefaultGradient();
    gradient.setGradientFor(BatchNormalizationParamInitializer.GAMMA, dGamma);
    gradient.setGradientFor(BatchNormalizationParamInitializer.BETA, dBeta);
    return new Pair<>(gradient, dIn);
  }

  private static boolean fits(INDArray x, long channels) {
    return x.dataType() == DataType.FLOAT
        && x.rank() == 4
        && x.length() / x.size(0) / channels >= MIN_PIXELS
        && HostFloats.fits(x);
  }

  private static INDArray contiguous(INDArray x) {
    return HostFloats.isRowMajor(x) ? x : x.dup('c');
  }

  /** Kept from one batch to the next, so outside any workspace. */
  private void ensureStatistics(long channels) {
    if (mean == null) {
      MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
      try (outside) {
        mean = Nd4j.createUninitialized(DataType.FLOAT, channels);
        variance = Nd4j.createUninitialized(DataType.FLOAT, channels);
      }
    }
  }

  @Override
  public INDArray getMeanCache(DataType dataType) {
    return mean;
  }

  @Override
  public INDArray getVarCache(DataType dataType) {
    return variance; // DL4J may add epsilon to it: the next forward pass writes it anew
  }

  @Override
  public Map<String, Long> helperMemoryUse() {
    return Collections.emptyMap();
  }
}
