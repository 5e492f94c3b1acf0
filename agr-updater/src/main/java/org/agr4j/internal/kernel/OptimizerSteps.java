package org.agr4j.internal.kernel;

import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The choice of who makes a block's steps, among the {@link OptimizerStepProvider}s in the order of
 * their list: {@code fused} on a CPU and on a CUDA device, then {@code ops}, ND4J's operations,
 * which run on every backend.
 */
public final class OptimizerSteps {
  /** System property that chooses by name. */
  public static final String PROPERTY = "org.agr4j.kernel";

  private static final String FALLBACK = "ops";

  private static final List<OptimizerStepProvider> PROVIDERS =
      ServiceLoader.load(OptimizerStepProvider.class, OptimizerStepProvider.class.getClassLoader())
          .stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  private OptimizerSteps() {}

  /**
   * Chooses who makes the steps of a block. Called once for each block, when its updater is
   * instantiated.
   *
   * @param state the block's state, whose type and backend decide
   * @return the steps
   * @throws IllegalArgumentException if the property names nobody, or nobody who can do this block
   */
  public static OptimizerStep of(BlockState state) {
    String asked = System.getProperty(PROPERTY);
    OptimizerStep steps = find(asked == null ? "fused" : asked, state);
    if (steps == null && asked == null) {
      steps = find(FALLBACK, state);
    }
    if (steps == null) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s = %s, expected %s for %s on %s",
              PROPERTY,
              asked,
              namesFor(state),
              state.dataType(),
              Nd4j.getExecutioner().type()));
    }
    return steps;
  }

  private static OptimizerStep find(String name, BlockState state) {
    for (OptimizerStepProvider provider : PROVIDERS) {
      OptimizerStep steps = provider.name().equals(name) ? provider.stepsOf(state) : null;
      if (steps != null) {
        return steps;
      }
    }
    return null;
  }

  private static String namesFor(BlockState state) {
    return PROVIDERS.stream()
        .filter(provider -> provider.stepsOf(state) != null)
        .map(OptimizerStepProvider::name)
        .distinct()
        .sorted()
        .collect(Collectors.joining(" or "));
  }
}
