package org.agr4j.internal.kernel.cuda;

import static org.agr4j.internal.kernel.cuda.CudaDriver.check;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static org.bytedeco.cuda.global.cudart.cuCtxSetCurrent;
import static org.bytedeco.cuda.global.cudart.cuCtxSynchronize;
import static org.bytedeco.cuda.global.cudart.cuDeviceGet;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRetain;
import static org.bytedeco.cuda.global.cudart.cuDriverGetVersion;
import static org.bytedeco.cuda.global.cudart.cuEventCreate;
import static org.bytedeco.cuda.global.cudart.cuEventElapsedTime;
import static org.bytedeco.cuda.global.cudart.cuEventRecord;
import static org.bytedeco.cuda.global.cudart.cuEventSynchronize;
import static org.bytedeco.cuda.global.cudart.cuInit;
import static org.bytedeco.cuda.global.cudart.cuMemAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemFree;
import static org.bytedeco.cuda.global.cudart.cuMemGetInfo;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoD;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoH;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoD;
import static org.bytedeco.cuda.global.cudart.cuMemsetD32;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.SizeTPointer;

/** An NVIDIA GPU by the driver's API, on the default stream. */
final class NvidiaDevice implements RawDevice {
  private static final CUstream_st STREAM = null;

  private final int device;
  private final CudaModule module;
  private final Set<Long> allocated = new HashSet<>();
  private final CUevent_st start = new CUevent_st();
  private final CUevent_st end = new CUevent_st();

  /**
   * Opens the first GPU and loads the shipped PTX.
   *
   * @throws CudaException if there is none, or it refuses the PTX
   */
  NvidiaDevice() {
    try {
      check(cuInit(0), "cuInit");
    } catch (LinkageError e) {
      throw new CudaException("no CUDA driver could be loaded: " + rootOf(e).getMessage());
    }
    int[] number = new int[1];
    check(cuDeviceGet(number, 0), "cuDeviceGet");
    device = number[0];
    CUctx_st context = new CUctx_st();
    check(cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
    check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
    check(cuEventCreate(start, 0), "cuEventCreate");
    check(cuEventCreate(end, 0), "cuEventCreate");
    module = new CudaModule();
  }

  private static Throwable rootOf(Throwable e) {
    return e.getCause() == null ? e : rootOf(e.getCause());
  }

  /** Name, compute capability and the driver's CUDA version. */
  String describe() {
    byte[] name = new byte[256];
    check(cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
    int[] version = new int[1];
    check(cuDriverGetVersion(version), "cuDriverGetVersion");
    return String.format(
        "%s, compute capability %d.%d, driver for CUDA %d.%d, %.1f GB free",
        new String(name, java.nio.charset.StandardCharsets.US_ASCII).trim(),
        attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
        attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        version[0] / 1000,
        version[0] % 1000 / 10,
        freeMemory() / 1e9);
  }

  private int attribute(int attribute) {
    int[] value = new int[1];
    check(cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute");
    return value[0];
  }

  long freeMemory() {
    SizeTPointer free = new SizeTPointer(1);
    check(cuMemGetInfo(free, new SizeTPointer(1)), "cuMemGetInfo");
    return free.get();
  }

  @Override
  public void launch(String kernel, int threadBlocks, long[] block, long[] step) {
    module.launch(STREAM, kernel, threadBlocks, block, step);
  }

  @Override
  public long allocate(long bytes) {
    long[] address = new long[1];
    check(cuMemAlloc(address, bytes), "cuMemAlloc of " + bytes + " bytes");
    allocated.add(address[0]);
    return address[0];
  }

  @Override
  public void free(long address) {
    allocated.remove(address);
    check(cuMemFree(address), "cuMemFree");
  }

  @Override
  public void upload(long address, ByteBuffer from) {
    check(cuMemcpyHtoD(address, pointer(from), from.capacity()), "cuMemcpyHtoD");
  }

  @Override
  public void download(long address, ByteBuffer to) {
    check(cuMemcpyDtoH(pointer(to), address, to.capacity()), "cuMemcpyDtoH");
  }

  private static Pointer pointer(ByteBuffer buffer) {
    return new BytePointer(buffer).position(0);
  }

  /** Fills memory with one 32-bit word. */
  void fill(long address, int word, long words) {
    check(cuMemsetD32(address, word, words), "cuMemsetD32");
  }

  /** Copies within the device's memory. */
  void copy(long to, long from, long bytes) {
    check(cuMemcpyDtoD(to, from, bytes), "cuMemcpyDtoD");
  }

  void synchronize() {
    check(cuCtxSynchronize(), "cuCtxSynchronize");
  }

  /** Microseconds that one of several runs of something takes on the device. */
  double microseconds(int runs, Runnable something) {
    check(cuEventRecord(start, STREAM), "cuEventRecord");
    for (int i = 0; i < runs; i++) {
      something.run();
    }
    check(cuEventRecord(end, STREAM), "cuEventRecord");
    check(cuEventSynchronize(end), "cuEventSynchronize");
    float[] milliseconds = new float[1];
    check(cuEventElapsedTime(milliseconds, start, end), "cuEventElapsedTime");
    return 1000.0 * milliseconds[0] / runs;
  }

  @Override
  public void close() {
    Set.copyOf(allocated).forEach(this::free);
  }
}
