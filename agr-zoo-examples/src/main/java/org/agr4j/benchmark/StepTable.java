package org.agr4j.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Optimizer steps over the blocks of known networks and over single tensors. */
public final class StepTable {
  /**
   * One block's times.
   *
   * @param block its name
   * @param tensors number of tensors
   * @param elements number of elements
   * @param micros median time of a step in microseconds, by side
   * @param overDl4jAdam AdamW(AGR) over DL4J's Adam
   * @param adanOverDl4jAdam Adan(AGR) over DL4J's Adam
   * @param overSubi AdamW(AGR) over subi, whose memory traffic is 12 of its 28 bytes an element
   * @param agrOnOverOff AdamW(AGR) over AdamW
   */
  public record Row(
      String block,
      int tensors,
      long elements,
      Map<String, Double> micros,
      double overDl4jAdam,
      double adanOverDl4jAdam,
      double overSubi,
      double agrOnOverOff) {}

  private StepTable() {}

  /**
   * Measures all blocks.
   *
   * @param millis how long the timed rounds of each block take together
   * @param progress is told each block's name before it is measured
   * @return a row for each block
   */
  public static List<Row> measure(long millis, Consumer<String> progress) {
    Map<String, long[]> blocks = new LinkedHashMap<>();
    blocks.put("one 3×3×64×64 convolution", new long[] {36_864});
    blocks.put("1 M, one tensor", new long[] {1_000_000});
    blocks.put("ResNet-18", BlockLists.resNet18());
    blocks.put("VGG-11", BlockLists.vgg11());
    blocks.put("ResNet-50", BlockLists.resNet50());
    blocks.put("25 M, one tensor", new long[] {25_000_000});
    return measure(blocks, millis, progress);
  }

  /**
   * Measures single tensors of 10 thousand to 25 million elements.
   *
   * @param millis how long the timed rounds of each tensor take together
   * @param progress is told each tensor's length before it is measured
   * @return a row for each tensor
   */
  public static List<Row> sweep(long millis, Consumer<String> progress) {
    Map<String, long[]> blocks = new LinkedHashMap<>();
    for (long n : new long[] {10_000, 36_864, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000}) {
      blocks.put("%,d".formatted(n), new long[] {n});
    }
    blocks.put("25,000,000", new long[] {25_000_000});
    return measure(blocks, millis, progress);
  }

  private static List<Row> measure(
      Map<String, long[]> blocks, long millis, Consumer<String> progress) {
    List<Row> rows = new ArrayList<>();
    blocks.forEach(
        (name, lengths) -> {
          progress.accept(name);
          rows.add(row(name, lengths, new StepSides(lengths).comparison().run(300, millis)));
        });
    return rows;
  }

  private static Row row(String block, long[] lengths, StepComparison.Result result) {
    Map<String, Double> micros = new LinkedHashMap<>();
    result.sides().forEach(side -> micros.put(side.name(), side.medianMicros()));
    return new Row(
        block,
        lengths.length,
        Arrays.stream(lengths).sum(),
        micros,
        result.ratio(StepSides.FUSED_AGR, StepSides.DL4J_ADAM),
        result.ratio(StepSides.ADAN_AGR, StepSides.DL4J_ADAM),
        result.ratio(StepSides.FUSED_AGR, StepSides.SUBI),
        result.ratio(StepSides.FUSED_AGR, StepSides.FUSED_OFF));
  }
}
