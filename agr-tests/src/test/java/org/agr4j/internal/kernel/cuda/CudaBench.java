package org.agr4j.internal.kernel.cuda;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.StepNumbers;

/**
 * Microseconds of a step on the tensors of known networks, FLOAT, next to a copy within the device
 * that moves as many bytes, and, where PyTorch with CUDA is on the machine, to its fused AdamW
 * without AGR and to the released lines of AGR in front of it.
 */
final class CudaBench {
  private static final int ROUNDS = 15;
  private static final int BYTES_OF_SUBTRACTION = 12;
  private static final List<String> SIDES = List.of("AdamW", "AdamW(AGR)", "Adan(AGR)");
  private static final String NOTES =
      """

      microseconds a step; (share of the copy's bandwidth)
        PyTorch's step includes the change of the parameters. Ours ends with the update, which DL4J
        subtracts in one more operation of 12 bytes an element; "subtraction" is the time of a copy
        of as many bytes, so at least what that takes. Compare PyTorch with the sum of both.
        A network is one block here, two launches, but for "in DL4J", where it has the blocks that
        DL4J makes of it, in state as DL4J lays it out; what ND4J's Java does for each is not in it.
        "and 1": no two arrays are aligned alike, which is how most lie in DL4J's state.
      """;

  private final NvidiaDevice device;

  CudaBench(NvidiaDevice device) {
    this.device = device;
  }

  void run() {
    Map<String, List<long[]>> networks = BenchNetworks.all();
    Map<String, long[]> tensors = new LinkedHashMap<>();
    networks.forEach((name, blocks) -> tensors.put(name, tensors(blocks)));
    JsonNode torch = PyTorchTimes.of(tensors);
    System.out.println(NOTES);
    System.out.printf(
        "%-18s %7s %8s %12s %20s %20s %20s %12s %14s %14s%n",
        "tensors of",
        "blocks",
        "tensors",
        "elements",
        SIDES.get(0),
        SIDES.get(1),
        SIDES.get(2),
        "subtraction",
        "PyTorch fused",
        "released");
    for (Map.Entry<String, List<long[]>> network : networks.entrySet()) {
      List<long[]> blocks = network.getValue();
      long[] lengths = tensors.get(network.getKey());
      long n = Arrays.stream(lengths).sum();
      System.out.printf("%-18s %7d %8d %12d", network.getKey(), blocks.size(), lengths.length, n);
      long free = device.freeMemory() - (1L << 28);
      for (String side : SIDES) {
        Optimizer optimizer = side.startsWith("Adan") ? Optimizer.ADAN : Optimizer.ADAMW;
        boolean fits =
            n * (optimizer == Optimizer.ADAN ? 22 : 14)
                <= free; // the copy's two arrays are the larger ones
        System.out.printf(
            " %20s", fits ? time(blocks, n, optimizer, side.endsWith("(AGR)")) : "no memory");
      }
      System.out.printf(
          " %12s",
          BYTES_OF_SUBTRACTION * n / 2 <= free
              ? String.format("%.1f", copy(n, BYTES_OF_SUBTRACTION * n))
              : "no memory");
      for (String side : new String[] {"fused", "released"}) {
        JsonNode time = torch == null ? null : torch.path(network.getKey()).get(side);
        System.out.printf(" %14s", time == null ? "-" : String.format("%.1f", time.asDouble()));
      }
      System.out.println();
    }
    if (torch != null) {
      System.out.println("PyTorch " + torch.path("version").asText());
    }
  }

  private static long[] tensors(List<long[]> blocks) {
    return blocks.stream().flatMapToLong(LongStream::of).toArray();
  }

  private String time(List<long[]> blocks, long n, Optimizer optimizer, boolean agr) {
    long stateLength = ResidentBlock.stateLength(optimizer, n, tensors(blocks).length);
    long gradient = device.allocate(Float.BYTES * n);
    long state = device.allocate(Float.BYTES * stateLength);
    device.fill(gradient, Float.floatToIntBits(1e-3f), n);
    device.fill(state, 0, stateLength);
    List<ResidentBlock> steps = new ArrayList<>();
    long gradientAt = gradient;
    long stateAt = state;
    for (long[] lengths : blocks) {
      steps.add(new ResidentBlock(device, optimizer, gradientAt, stateAt, lengths));
      long length = Arrays.stream(lengths).sum();
      gradientAt += Float.BYTES * length;
      stateAt += Float.BYTES * ResidentBlock.stateLength(optimizer, length, lengths.length);
    }
    StepNumbers numbers =
        new StepNumbers(1e-3, 0.9, 0.99, 0.99, 1e-8, agr ? 1 : 0, false, 0, agr, false);
    double stepTime = median(n, () -> steps.forEach(block -> block.launch(numbers)));
    steps.forEach(ResidentBlock::free);
    device.free(gradient);
    device.free(state);
    double copyTime = copy(n, n * (optimizer == Optimizer.ADAN ? 44 : agr ? 28 : 24));
    return String.format("%.1f (%.0f%%)", stepTime, 100 * copyTime / stepTime);
  }

  /**
   * Of a copy that moves {@code bytes}: half read, half written, in two copies so that they fit.
   */
  private double copy(long n, long bytes) {
    long from = device.allocate(bytes / 4);
    long to = device.allocate(bytes / 4);
    double time =
        median(
            n,
            () -> {
              device.copy(to, from, bytes / 4);
              device.copy(from, to, bytes / 4);
            });
    device.free(from);
    device.free(to);
    return time;
  }

  private double median(long n, Runnable run) {
    int runs = (int) Math.max(5, Math.min(100, 100_000_000 / n));
    double[] times = new double[ROUNDS];
    for (int i = 0; i < 3; i++) {
      device.microseconds(runs, run);
    }
    for (int i = 0; i < ROUNDS; i++) {
      times[i] = device.microseconds(runs, run);
    }
    Arrays.sort(times);
    return times[ROUNDS / 2];
  }
}
