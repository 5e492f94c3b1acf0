package org.agr4j.layers.cpu;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Images of shape [batch, channels, height, width] whose memory is in the order batch, height,
 * width, channels.
 *
 * <p>To whoever reads them by index they are the images they were. oneDNN 2.3 convolves them as
 * they lie, where it copies row-major ones to this order and back at every call; and a 1×1
 * convolution of them is a product of matrices.
 */
final class ChannelsLastImages {
  private ChannelsLastImages() {}

  /** Whether images lie in memory like this. */
  static boolean are(INDArray images) {
    return HostFloats.isRowMajor(images.permute(0, 2, 3, 1));
  }

  /** The images as row-major [batch, height, width, channels]: the same memory, or else a copy. */
  static INDArray of(INDArray images) {
    INDArray last = images.permute(0, 2, 3, 1);
    return HostFloats.isRowMajor(last) ? last : last.dup('c');
  }

  /** Row-major [batch, height, width, channels] as [batch, channels, height, width]. */
  static INDArray asImages(INDArray last) {
    return last.permute(0, 3, 1, 2);
  }

  /** New ones, with any numbers in them. */
  static INDArray create(
      LayerWorkspaceMgr memory,
      ArrayType where,
      long batch,
      long channels,
      long height,
      long width) {
    return asImages(
        memory.createUninitialized(where, DataType.FLOAT, batch, height, width, channels));
  }

  /** New ones of the shape of others. */
  static INDArray createLike(INDArray images, LayerWorkspaceMgr memory, ArrayType where) {
    return create(memory, where, images.size(0), images.size(1), images.size(2), images.size(3));
  }
}
