package org.agr4j.cpu;

import org.agr4j.layers.cpu.FastCpuLayers;
import org.deeplearning4j.nn.api.Model;

/**
 * The former name of {@link FastCpuLayers}, kept so that programs written for it run unchanged.
 *
 * @deprecated call {@link FastCpuLayers#install}, which this does
 */
@Deprecated(since = "0.1.0")
public final class CpuHelpers {
  private CpuHelpers() {}

  /**
   * Calls {@link FastCpuLayers#install}.
   *
   * @param network a network after {@code init()}; its layers are modified
   * @return what is in use, in one line for people
   */
  public static String install(Model network) {
    return FastCpuLayers.install(network);
  }
}
