package org.agr4j.internal.kernel.cuda;

import java.nio.ByteBuffer;

/** A device's memory and kernels, without ND4J. */
interface RawDevice extends KernelLauncher, AutoCloseable {
  /** Allocates memory, at an address that is a multiple of 256. */
  long allocate(long bytes);

  void free(long address);

  /** Copies all of a direct buffer to the device, after the kernels launched before. */
  void upload(long address, ByteBuffer from);

  /** Copies from the device to all of a direct buffer, after the kernels launched before. */
  void download(long address, ByteBuffer to);

  @Override
  void close();
}
