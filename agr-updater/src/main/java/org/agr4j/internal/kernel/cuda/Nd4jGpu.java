package org.agr4j.internal.kernel.cuda;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.nd4j.jita.allocator.impl.AllocationPoint;
import org.nd4j.jita.allocator.impl.AtomicAllocator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.jcublas.context.CudaContext;

/**
 * ND4J's CUDA backend: kernels go to the stream on which the thread's operations run, so that they
 * take place in the order of the calls.
 */
final class Nd4jGpu implements Gpu {
  private final AtomicAllocator allocator = AtomicAllocator.getInstance();
  private final Map<Integer, CudaModule> modules = new ConcurrentHashMap<>();

  @Override
  public int current() {
    return Nd4j.getAffinityManager().getDeviceForCurrentThread();
  }

  @Override
  public int of(INDArray array) {
    return allocator.getAllocationPoint(array).getDeviceId();
  }

  @Override
  public long address(INDArray array) {
    AllocationPoint point = allocator.getAllocationPoint(array);
    allocator.getFlowController().synchronizeToDevice(point);
    return point.getDevicePointer().address(); // of a view's own first element
  }

  @Override
  public void written(INDArray array) {
    allocator.getAllocationPoint(array).tickDeviceWrite();
  }

  @Override
  public void launch(String kernel, int threadBlocks, long[] block, long[] step) {
    CudaContext context = allocator.getDeviceContext(); // makes the device's context current
    CudaModule module = modules.computeIfAbsent(current(), device -> new CudaModule());
    module.launch(new CUstream_st(context.getCublasStream()), kernel, threadBlocks, block, step);
  }
}
