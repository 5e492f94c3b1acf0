package org.agr4j.internal.kernel.cuda;

import static org.agr4j.internal.kernel.cuda.CudaDriver.check;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * The shipped PTX, compiled by the driver for one device.
 *
 * <p>Loading takes the driver a second or so the first time; it keeps the result on disk. Threads
 * may share a module.
 */
final class CudaModule {
  /** The resource that holds the PTX. */
  static final String PTX = "fused_step.ptx";

  private static final String[] NAMES = {"norms_", "adamw_", "adan_"};
  private static final String[] TYPES = {"float", "double"};

  private final Map<String, CUfunc_st> functions = new HashMap<>();
  private final KernelParameters parameters = new KernelParameters();

  /**
   * Loads the kernels into the current context.
   *
   * @throws CudaException if the driver refuses the PTX
   */
  CudaModule() {
    CUmod_st module = new CUmod_st();
    try (BytePointer image = new BytePointer(ptx(), StandardCharsets.US_ASCII)) {
      check(cuModuleLoadData(module, image), "cuModuleLoadData");
    }
    for (String name : NAMES) {
      for (String type : TYPES) {
        CUfunc_st function = new CUfunc_st();
        check(
            cuModuleGetFunction(function, module, name + type),
            "cuModuleGetFunction(" + name + type + ")");
        functions.put(name + type, function);
      }
    }
  }

  /** The kernels' PTX as text. */
  static String ptx() {
    try (InputStream in = CudaModule.class.getResourceAsStream(PTX)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .replaceAll("[^\\x00-\\x7f]", "?"); // in comments only
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a kernel on a stream; see {@link KernelLauncher#launch}. */
  synchronized void launch(
      CUstream_st stream, String kernel, int threadBlocks, long[] block, long[] step) {
    check(
        cuLaunchKernel(
            functions.get(kernel),
            threadBlocks,
            1,
            1,
            BlockTable.THREADS,
            1,
            1,
            0,
            stream,
            parameters.set(block, step),
            (PointerPointer<?>) null),
        "cuLaunchKernel(" + kernel + ")");
  }
}
