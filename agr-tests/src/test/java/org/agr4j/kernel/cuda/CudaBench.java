package org.agr4j.kernel.cuda;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.agr4j.benchmark.BlockLists;
import org.agr4j.kernel.StepNumbers;
import org.agr4j.layout.TensorBoundaries;

/**
 * Microseconds of a step on the tensors of known networks, FLOAT, one block, next to a copy within
 * the device that moves as many bytes, and, where PyTorch with CUDA is on the machine, to its fused
 * AdamW without AGR and to the released lines of AGR in front of it.
 */
final class CudaBench {
  private static final int ROUNDS = 15;
  private static final Path SCRIPT = Path.of("agr-tests", "pytorch", "fused_adamw.py");
  private static final List<String> SIDES = List.of("AdamW", "AdamW(AGR)", "Adan(AGR)");

  private final NvidiaDevice device;

  CudaBench(NvidiaDevice device) {
    this.device = device;
  }

  private static Map<String, long[]> blocks() {
    Map<String, long[]> blocks = new LinkedHashMap<>();
    blocks.put("3×3×64×64", new long[] {36_864});
    blocks.put("1 M", new long[] {1_000_000});
    blocks.put("ResNet-18", BlockLists.resNet18());
    blocks.put("ResNet-50", BlockLists.resNet50());
    blocks.put("25 M", new long[] {25_000_000});
    blocks.put("ViT-B/16", vitBase());
    blocks.put("500 M", new long[] {500_000_000});
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

  void run() {
    Map<String, long[]> blocks = blocks();
    JsonNode torch = pyTorch(blocks);
    System.out.println();
    System.out.println("microseconds a step; (share of the copy's bandwidth)");
    System.out.printf(
        "%-12s %8s %12s %20s %20s %20s %14s %14s%n",
        "block",
        "tensors",
        "elements",
        SIDES.get(0),
        SIDES.get(1),
        SIDES.get(2),
        "PyTorch fused",
        "released");
    for (Map.Entry<String, long[]> block : blocks.entrySet()) {
      long[] lengths = block.getValue();
      long n = Arrays.stream(lengths).sum();
      System.out.printf("%-12s %8d %12d", block.getKey(), lengths.length, n);
      for (String side : SIDES) {
        boolean adan = side.startsWith("Adan");
        if (Float.BYTES * n * (adan ? 5 : 3) > device.freeMemory() - (1L << 28)) {
          System.out.printf(" %20s", "no memory");
        } else {
          System.out.printf(" %20s", time(lengths, n, adan, side.endsWith("(AGR)")));
        }
      }
      for (String side : new String[] {"fused", "released"}) {
        JsonNode time = torch == null ? null : torch.path(block.getKey()).get(side);
        System.out.printf(" %14s", time == null ? "-" : String.format("%.1f", time.asDouble()));
      }
      System.out.println();
    }
    if (torch != null) {
      System.out.println("PyTorch " + torch.path("version").asText());
    }
  }

  private String time(long[] lengths, long n, boolean adan, boolean agr) {
    TensorBoundaries tensors = TensorBoundaries.ofLengths(lengths);
    BlockTable table = new BlockTable(tensors);
    FusedStep step = new FusedStep("float", adan, table);
    // As ND4J's views lie: the moments follow one another.
    long arrays = device.allocate(Float.BYTES * n * (adan ? 5 : 3));
    device.fill(arrays, Float.floatToIntBits(1e-3f), n * (adan ? 5 : 3));
    long[] moments = new long[adan ? 4 : 2];
    Arrays.setAll(moments, k -> arrays + Float.BYTES * n * (k + 1));
    long counters = device.allocate(2L * Float.BYTES * tensors.count());
    device.fill(counters, 0, 2L * tensors.count());
    long verdict = device.allocate(Long.BYTES);
    device.fill(verdict, -1, 2);
    long tableAddress = device.allocate((long) table.words().length * Long.BYTES);
    ByteBuffer words =
        ByteBuffer.allocateDirect(table.words().length * Long.BYTES)
            .order(java.nio.ByteOrder.LITTLE_ENDIAN);
    words.asLongBuffer().put(table.words());
    device.upload(tableAddress, words);
    step.table(table, tableAddress);
    step.arrays(
        verdict, arrays, moments, counters, counters + (long) Float.BYTES * tensors.count());
    StepNumbers numbers =
        new StepNumbers(1e-3, 0.9, 0.99, 0.99, 1e-8, agr ? 1 : 0, false, 0, agr, false);
    long bytes = n * (adan ? 44 : agr ? 28 : 24);
    double stepTime = median(n, () -> step.launch(device, numbers, 0));
    for (long address : new long[] {arrays, counters, verdict, tableAddress}) {
      device.free(address);
    }
    long from = device.allocate(bytes / 4);
    long to = device.allocate(bytes / 4);
    // Half of the bytes are read, half written, in two copies so that they fit.
    double copyTime =
        median(
            n,
            () -> {
              device.copy(to, from, bytes / 4);
              device.copy(from, to, bytes / 4);
            });
    device.free(from);
    device.free(to);
    return String.format("%.1f (%.0f%%)", stepTime, 100 * copyTime / stepTime);
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

  /** What the script printed, or null, after saying why. */
  private static JsonNode pyTorch(Map<String, long[]> blocks) {
    if (!Files.exists(SCRIPT)) {
      System.out.println("without PyTorch: " + SCRIPT + " is not here");
      return null;
    }
    ObjectMapper json = new ObjectMapper();
    try {
      Process python =
          new ProcessBuilder("python3", SCRIPT.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (OutputStream in = python.getOutputStream()) {
        in.write(json.writeValueAsBytes(blocks));
      }
      byte[] out = python.getInputStream().readAllBytes();
      if (python.waitFor() != 0) {
        System.out.println("without PyTorch: see above");
        return null;
      }
      return json.readTree(out);
    } catch (IOException e) {
      System.out.println("without PyTorch: " + e.getMessage());
      return null;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
