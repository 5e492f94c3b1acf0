package org.agr4j.zoo;

import java.util.List;

/**
 * What a network of {@link NamedNetwork} can be told beside its shape and width; null or an empty
 * list for what it has of its own.
 *
 * @param dropPath drop path of the last block, 0 ≤ rate &lt; 1, rising linearly from 0 at the first
 * @param patch side of the stem's patches in pixels, at least 1
 * @param windows side of the attention's windows in positions, at least 1: one number for Swin, one
 *     for each of the stages 2 to 4 of TinyViT
 */
public record NetworkOptions(Double dropPath, Integer patch, List<Integer> windows) {
  /** Everything as the network has it. */
  public static final NetworkOptions NONE = new NetworkOptions(null, null, List.of());

  /** Keeps a copy of the list. */
  public NetworkOptions {
    windows = List.copyOf(windows);
  }

  int[] windowArray() {
    return windows.stream().mapToInt(Integer::intValue).toArray();
  }
}
