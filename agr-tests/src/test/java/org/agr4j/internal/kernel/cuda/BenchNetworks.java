package org.agr4j.internal.kernel.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.agr4j.benchmark.BlockLists;

/** What {@link CudaBench} steps: by name, the lengths of the tensors of each block. */
final class BenchNetworks {
  private BenchNetworks() {}

  static Map<String, List<long[]>> all() {
    Map<String, List<long[]>> networks = new LinkedHashMap<>();
    networks.put("3×3×64×64", oneBlock(36_864));
    networks.put("1 M", oneBlock(1_000_000));
    networks.put("ResNet-18", oneBlock(BlockLists.resNet18()));
    networks.put("ResNet-50", oneBlock(BlockLists.resNet50()));
    networks.put("ResNet-50 in DL4J", asInDl4j(BlockLists.resNet50()));
    networks.put("25 M", oneBlock(25_000_000));
    networks.put("25 M and 1", oneBlock(25_000_001)); // so that no two arrays are aligned alike
    networks.put("ViT-B/16", oneBlock(vitBase()));
    networks.put("500 M", oneBlock(500_000_000));
    return networks;
  }

  private static List<long[]> oneBlock(long... lengths) {
    return List.of(lengths);
  }

  /**
   * DL4J's blocks of a network of convolutions without bias, each with its batch norm, and a dense
   * layer, switched by {@link org.agr4j.Agr}: weights have another optimizer than γ and β, which
   * the running mean and variance separate from the next weights.
   */
  private static List<long[]> asInDl4j(long[] lengths) {
    List<long[]> blocks = new ArrayList<>();
    int i = 0;
    for (; i + 3 <= lengths.length; i += 3) {
      blocks.add(new long[] {lengths[i]});
      blocks.add(new long[] {lengths[i + 1], lengths[i + 2]});
    }
    for (; i < lengths.length; i++) {
      blocks.add(new long[] {lengths[i]});
    }
    return blocks;
  }

  /** torchvision's ViT-B/16: 152 tensors, 86,567,656 elements. */
  private static long[] vitBase() {
    long w = 768;
    long[] layer = {w, w, 3 * w * w, 3 * w, w * w, w, w, w, 4 * w * w, 4 * w, 4 * w * w, w};
    LongStream lengths = LongStream.of(w, 3 * 16 * 16 * w, w, 197 * w);
    for (int i = 0; i < 12; i++) {
      lengths = LongStream.concat(lengths, Arrays.stream(layer));
    }
    return LongStream.concat(lengths, LongStream.of(w, w, 1000 * w, 1000)).toArray();
  }
}
