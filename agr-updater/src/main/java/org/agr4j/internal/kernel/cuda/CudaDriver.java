package org.agr4j.internal.kernel.cuda;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.cuGetErrorName;
import static org.bytedeco.cuda.global.cudart.cuGetErrorString;

import org.bytedeco.javacpp.BytePointer;

/** Calls of the CUDA driver, whose errors it names. */
final class CudaDriver {
  private CudaDriver() {}

  /**
   * Checks what a call returned.
   *
   * @param result the call's result
   * @param call its name
   * @throws CudaException if it is an error
   */
  static void check(int result, String call) {
    if (result != CUDA_SUCCESS) {
      throw new CudaException(call + ": " + describe(result));
    }
  }

  private static String describe(int result) {
    BytePointer name = new BytePointer();
    BytePointer text = new BytePointer();
    if (cuGetErrorName(result, name) != CUDA_SUCCESS
        || cuGetErrorString(result, text) != CUDA_SUCCESS) {
      return "an error this driver has no name for, " + result;
    }
    return name.getString() + " (" + text.getString() + ")";
  }
}
