package org.agr4j.layers.cpu;

import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Drops what is not above 0.2: as any dropout, but alike in every data format. */
final class DropoutOfSmallValues implements IDropout {
  private static final long serialVersionUID = 1;

  private transient INDArray mask;

  @Override
  public INDArray applyDropout(
      INDArray input, INDArray result, int iteration, int epoch, LayerWorkspaceMgr workspaces) {
    mask = workspaces.dup(ArrayType.INPUT, input.gt(0.2).castTo(input.dataType()).muli(2), 'c');
    return result.assign(input.mul(mask));
  }

  @Override
  public INDArray backprop(INDArray gradient, INDArray result, int iteration, int epoch) {
    return result.assign(gradient.mul(mask));
  }

  @Override
  public void clear() {
    mask = null;
  }

  @Override
  public IDropout clone() {
    return new DropoutOfSmallValues();
  }
}
