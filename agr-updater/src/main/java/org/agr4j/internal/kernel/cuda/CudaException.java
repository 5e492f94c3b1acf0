package org.agr4j.internal.kernel.cuda;

/** The CUDA driver refused a call; the message names call and error. */
final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CudaException(String message) {
    super(message);
  }
}
