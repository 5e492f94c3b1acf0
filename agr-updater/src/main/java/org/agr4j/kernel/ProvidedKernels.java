package org.agr4j.kernel;

import java.util.List;
import java.util.ServiceLoader;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The kernels that are found by {@link ServiceLoader}, looked up once. */
final class ProvidedKernels {
  private static final List<UpdateKernelProvider> PROVIDERS =
      ServiceLoader.load(UpdateKernelProvider.class, UpdateKernelProvider.class.getClassLoader())
          .stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  private ProvidedKernels() {}

  /** The first kernel of that name that can do a block, or null. */
  static UpdateKernel find(String name, INDArray state) {
    for (UpdateKernelProvider provider : PROVIDERS) {
      UpdateKernel kernel = provider.name().equals(name) ? provider.forState(state) : null;
      if (kernel != null) {
        return kernel;
      }
    }
    return null;
  }
}
