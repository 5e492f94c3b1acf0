package org.agr4j.layers.cpu;

import java.lang.invoke.VarHandle;
import java.util.Collections;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.layers.normalization.BatchNormalizationHelper;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Batch normalization that reads each channel twice, once for the sums and once to normalize.
 *
 * <p>DL4J's own takes a pass for the mean, one for the variance and one to normalize, and about ten
 * in its backward pass. Here a channel of all images of the batch, which fits the cache of a core,
 * is summed and then written: see {@link ChannelPass}. Images must be FLOAT, NCHW and contiguous;
 * for any other input the methods return null, and DL4J goes its own way.
 */
final class FusedBatchNorm implements BatchNormalizationHelper {
  private static final VarHandle HELPER =
      LayerField.of(BatchNormalization.class, "helper", BatchNormalizationHelper.class);

  // Below this many pixels a channel is not worth the calls; a dense layer's input has one.
  private static final int MIN_PIXELS = 4;

  private INDArray mean;
  private INDArray variance;

  private FusedBatchNorm() {}

  /** Makes a layer use this; returns false where its parameters are fixed. */
  static boolean install(BatchNormalization layer) {
    FusedBatchNorm helper = new FusedBatchNorm();
    if (!helper.checkSupported(0, layer.layerConf().isLockGammaBeta())) {
      return false;
    }
    HELPER.set(layer, helper);
    return true;
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
    if (!fits(x, format)) {
      return null;
    }
    INDArray in = contiguous(x);
    INDArray out = workspaces.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape());
    ChannelPass pass = new ChannelPass(in, gamma, epsilon);
    if (training) {
      ensureStatistics(x.size(1));
      pass.statistics(mean, variance);
      pass.normalize(mean, variance, beta, out);
    } else {
      pass.normalize(globalMean, globalVariance, beta, out);
    }
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
    if (!fits(x, format)) {
      return null;
    }
    INDArray dIn =
        workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, x.dataType(), x.shape());
    new ChannelPass(contiguous(x), gamma, epsilon)
        .backward(mean, variance, contiguous(dOut), dGamma, dBeta, dIn);
    Gradient gradient = new DefaultGradient();
    gradient.setGradientFor(BatchNormalizationParamInitializer.GAMMA, dGamma);
    gradient.setGradientFor(BatchNormalizationParamInitializer.BETA, dBeta);
    return new Pair<>(gradient, dIn);
  }

  private static boolean fits(INDArray x, CNN2DFormat format) {
    return x.dataType() == DataType.FLOAT
        && x.rank() == 4
        && format == CNN2DFormat.NCHW
        && x.size(2) * x.size(3) >= MIN_PIXELS
        && HostFloats.fits(x);
  }

  private static INDArray contiguous(INDArray x) {
    return Shape.hasDefaultStridesForShape(x) ? x : x.dup('c');
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
    return variance;
  }

  @Override
  public Map<String, Long> helperMemoryUse() {
    return Collections.emptyMap();
  }
}
