package org.agr4j.layers;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The steps that all attention layers share: an optional layer norm, the joint product to queries,
 * keys and values, attention within windows, the projection.
 *
 * <p>Norm and products act on each position alone, so they run on the positions as they lie; only
 * the attention itself knows windows. Padded tokens are all equal: they share one row.
 */
abstract class AttentionComputation<C extends ChannelsLastLayer> extends LayerComputation<C> {
  private static final long serialVersionUID = 1L;

  private transient Kept kept;

  AttentionComputation(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  /** What the forward pass leaves for the backward pass; {@code normed} is null if it is x. */
  private record Kept(
      WindowHeads heads, INDArray normed, INDArray qkv, INDArray probabilities, INDArray o) {}

  abstract WindowGrid grid(INDArray x);

  abstract HeadLayout layout();

  /** Whether a layer norm comes first, and its ε; 0 for none. */
  abstract double normEpsilon();

  /** Matrix [C, 3C] of the joint product and its bias [3C]. */
  abstract INDArray jointWeight(boolean training, LayerWorkspaceMgr workspaces);

  abstract INDArray jointBias(boolean training, LayerWorkspaceMgr workspaces);

  abstract INDArray jointWeightGradient();

  abstract INDArray jointBiasGradient();

  abstract boolean hasScoreBias();

  /** What is added to the scores, [heads, T, T]; called if there is something. */
  abstract INDArray scoreBias(boolean training, LayerWorkspaceMgr workspaces);

  /** Takes the gradient of the scores, [heads, T, T]. */
  abstract void scoreBiasGradient(INDArray gradient);

  abstract INDArray keyMask();

  @Override
  final INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
    ArrayType where = training ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM;
    Kept pass = attend(x, training, where, workspaces);
    INDArray y = activations(workspaces, x.shape());
    Products.multiply(pass.o(), tensor(Attention.PROJECTION, training, workspaces), rows(y));
    ChannelSum.add(rows(y), tensor(Attention.PROJECTION_BIAS, training, workspaces));
    kept = training ? pass : null;
    return y;
  }

  private Kept attend(INDArray x, boolean training, ArrayType where, LayerWorkspaceMgr workspaces) {
    WindowGrid grid = grid(x);
    WindowHeads heads = new WindowHeads(grid, layout(), x.size(0));
    INDArray normed = normed(rows(x), grid.isPadded(), training, where, workspaces);
    long channels = normed.size(1);
    INDArray qkv =
        workspaces.createUninitialized(
            where, dataType, new long[] {normed.size(0), 3 * channels}, 'c');
    Products.multiply(normed, jointWeight(training, workspaces), qkv);
    ChannelSum.add(qkv, jointBias(training, workspaces));
    INDArray p = workspaces.createUninitialized(where, dataType, heads.probabilities(), 'c');
    INDArray o = workspaces.createUninitialized(where, dataType, rows(x).shape(), 'c');
    INDArray bias = hasScoreBias() ? scoreBias(training, workspaces) : null;
    heads.forward(qkv, bias, keyMask(), p, o);
    return new Kept(heads, grid.isPadded() || normEpsilon() > 0 ? normed : null, qkv, p, o);
  }

  /** What the joint product sees: one row more where the grid is padded, that of zeros. */
  private INDArray normed(
      INDArray x, boolean padded, boolean training, ArrayType where, LayerWorkspaceMgr workspaces) {
    if (!padded && normEpsilon() == 0) {
      return x;
    }
    INDArray normed =
        workspaces.createUninitialized(
            where, dataType, new long[] {x.size(0) + (padded ? 1 : 0), x.size(1)}, 'c');
    INDArray positions = normed.get(NDArrayIndex.interval(0, x.size(0)), NDArrayIndex.all());
    if (normEpsilon() == 0) {
      positions.assign(x);
    } else {
      RowNorm.forward(
          x,
          tensor(Attention.GAMMA, training, workspaces),
          tensor(Attention.BETA, training, workspaces),
          normEpsilon(),
          positions);
    }
    if (padded) {
      INDArray padding = normed.get(NDArrayIndex.point(x.size(0)), NDArrayIndex.all());
      if (normEpsilon() == 0) {
        padding.assign(0);
      } else {
        padding.assign(tensor(Attention.BETA, training, workspaces)); // the norm of zeros
      }
    }
    return normed;
  }

  @Override
  final INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
    Kept pass = kept != null ? kept : attend(x, true, ArrayType.BP_WORKING_MEM, workspaces);
    kept = null;
    INDArray out = rows(dy);
    ChannelSum.sum(out, gradientOf(Attention.PROJECTION_BIAS));
    Products.transposedTimes(out, pass.o(), gradientOf(Attention.PROJECTION).transpose());
    INDArray dO = scratch(workspaces, pass.o().shape());
    Products.timesTransposed(out, tensor(Attention.PROJECTION, true, workspaces), dO);

    INDArray dQkv = scratch(workspaces, pass.qkv().shape());
    INDArray dBias = hasScoreBias() ? scratch(workspaces, pass.heads().bias()) : null;
    pass.heads().backward(pass.qkv(), pass.probabilities(), dO, dQkv, dBias);
    if (dBias != null) {
      scoreBiasGradient(dBias);
    }

    ChannelSum.sum(dQkv, jointBiasGradient());
    INDArray normed = pass.normed() == null ? rows(x) : pass.normed();
    Products.transposedTimes(dQkv, normed, jointWeightGradient().transpose());
    INDArray dx = inputGradient(workspaces, x.shape());
    INDArray joint = jointWeight(true, workspaces);
    if (pass.normed() == null) {
      Products.timesTransposed(dQkv, joint, rows(dx));
      return dx;
    }
    INDArray dNormed = scratch(workspaces, normed.shape());
    Products.timesTransposed(dQkv, joint, dNormed);
    normBackward(x, dNormed, dx, workspaces);
    return dx;
  }

  private void normBackward(
      INDArray x, INDArray dNormed, INDArray dx, LayerWorkspaceMgr workspaces) {
    long rows = rows(x).size(0);
    INDArray positions = dNormed.get(NDArrayIndex.interval(0, rows), NDArrayIndex.all());
    if (normEpsilon() == 0) {
      rows(dx).assign(positions);
      return;
    }
    RowNorm.backward(
        rows(x),
        tensor(Attention.GAMMA, true, workspaces),
        normEpsilon(),
        positions,
        rows(dx),
        gradientOf(Attention.GAMMA),
        gradientOf(Attention.BETA));
    if (dNormed.size(0) > rows) { // padded tokens are β
      gradientOf(Attention.BETA).addi(dNormed.get(NDArrayIndex.point(rows), NDArrayIndex.all()));
    }
  }

  @Override
  public void clear() {
    super.clear();
    kept = null;
  }
}
