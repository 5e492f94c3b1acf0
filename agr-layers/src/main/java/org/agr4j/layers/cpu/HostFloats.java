package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The memory of an array on a CPU as a NIO buffer, which copies to and from Java arrays fast. */
final class HostFloats {
  private HostFloats() {}

  /** Whether an array is small enough for a NIO buffer, which ends at 2 GB. */
  static boolean fits(INDArray array) {
    return array.length() <= Integer.MAX_VALUE / Float.BYTES;
  }

  /** Whether the elements of an array lie one after the other, the last index running fastest. */
  static boolean isRowMajor(INDArray array) {
    return Arrays.equals(array.stride(), ArrayUtil.calcStrides(array.shape()));
  }

  /**
   * A window to the elements of an array, valid as long as the array is.
   *
   * @param array FLOAT and row-major, of any shape; writes to the buffer modify it
   */
  static FloatBuffer of(INDArray array) {
    long start = array.data().address() + array.offset() * Float.BYTES;
    return new Window(start, array.length() * Float.BYTES).asBuffer().asFloatBuffer();
  }

  /** JavaCPP's way from an address to a NIO buffer. */
  private static final class Window extends BytePointer {
    Window(long address, long bytes) {
      super((Pointer) null);
      this.address = address;
      limit = bytes;
      capacity = bytes;
    }
  }
}
