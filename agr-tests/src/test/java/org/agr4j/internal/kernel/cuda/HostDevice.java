package org.agr4j.internal.kernel.cuda;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The CUDA source compiled for the host by g++, so that it can be tested without a GPU; see {@code
 * src/test/cuda/host_device.h}. Its memory is the host's.
 */
final class HostDevice implements RawDevice, Gpu {
  /** Why there is no host device here, or null. */
  static final String MISSING = build();

  private final Map<Long, BytePointer> allocated = new HashMap<>();
  private final long seed;

  /**
   * A host device.
   *
   * @param seed gives the order in which thread blocks and threads run; 0 is theirs
   */
  HostDevice(long seed) {
    this.seed = seed;
  }

  private static String build() {
    try {
      Path folder = Files.createDirectories(Path.of("target", "host-device"));
      Path library = folder.resolve("libhostdevice.so").toAbsolutePath();
      Path log = folder.resolve("g++.log");
      Path java = Path.of(System.getProperty("java.home"), "include");
      if (!System.getProperty("os.name").equals("Linux") || !Files.exists(java)) {
        return "needs Linux and a JDK with its C headers";
      }
      Process compiler =
          new ProcessBuilder(
                  List.of(
                      "g++",
                      "-std=c++17",
                      "-O2",
                      "-ffp-contract=off",
                      "-Wall",
                      "-Wno-unknown-pragmas",
                      "-shared",
                      "-fPIC",
                      "-I" + java,
                      "-I" + java.resolve("linux"),
                      "-I" + Path.of("..", "agr-updater", "src", "main", "cuda"),
                      "-o",
                      library.toString(),
                      Path.of("src", "test", "cuda", "host_device.cpp").toString()))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (compiler.waitFor() != 0) {
        throw new IllegalStateException(Files.readString(log));
      }
      System.load(library.toString());
      return null;
    } catch (IOException e) {
      return "needs g++: " + e.getMessage();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static native String launch(
      String kernel, int threadBlocks, long[] block, long[] step, long seed);

  @Override
  public void launch(String kernel, int threadBlocks, long[] block, long[] step) {
    String error;
    synchronized (HostDevice.class) {
      error = launch(kernel, threadBlocks, block, step, seed);
    }
    if (error != null) {
      throw new CudaException(kernel + ": " + error);
    }
  }

  @Override
  public long allocate(long bytes) {
    BytePointer memory = new BytePointer(bytes + 256);
    long address = (memory.address() + 255) / 256 * 256;
    allocated.put(address, memory);
    return address;
  }

  @Override
  public void free(long address) {
    allocated.remove(address).close();
  }

  @Override
  public void upload(long address, ByteBuffer from) {
    Pointer.memcpy(pointer(address), new Pointer(from), from.capacity());
  }

  @Override
  public void download(long address, ByteBuffer to) {
    Pointer.memcpy(new Pointer(to), pointer(address), to.capacity());
  }

  /** What lies at an address. */
  static Pointer pointer(long at) {
    return new Pointer((Pointer) null) {
      {
        address = at;
      }
    };
  }

  @Override
  public void close() {
    allocated.values().forEach(BytePointer::close);
  }

  @Override
  public int current() {
    return 0;
  }

  @Override
  public int of(INDArray array) {
    return 0;
  }

  @Override
  public long address(INDArray array) {
    return array.data().address() + array.offset() * array.dataType().width();
  }

  @Override
  public void written(INDArray array) {}
}
