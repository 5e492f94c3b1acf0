package org.agr4j.benchmark;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/**
 * One optimizer step over one block, each side on its own. {@link StepComparison} interleaves the
 * same sides; {@code mvn verify} runs neither. To run it:
 *
 * <pre>
 * mvn test-compile dependency:build-classpath -pl agr-tests -am -Dmdep.outputFile=target/classpath
 * java -cp agr-tests/target/test-classes:$(cat agr-tests/target/classpath) \
 *     org.agr4j.benchmark.StepBenchmark
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx4g")
public class StepBenchmark {
  /** Elements of one tensor, or the name of a network. */
  @Param({"36864", "1000000", "25000000", "resnet18", "resnet50", "vgg11"})
  public String block;

  private StepSides sides;

  /** Runs the benchmark with JMH's command line. */
  public static void main(String[] args) throws RunnerException, CommandLineOptionException {
    new Runner(new CommandLineOptions(args)).run();
  }

  /** Allocates the block. */
  @Setup
  public void allocate() {
    sides = new StepSides(lengths(block));
  }

  private static long[] lengths(String block) {
    switch (block) {
      case "resnet18":
        return BlockLists.resNet18();
      case "resnet50":
        return BlockLists.resNet50();
      case "vgg11":
        return BlockLists.vgg11();
      default:
        return new long[] {Long.parseLong(block)};
    }
  }

  @Benchmark
  public void subi() {
    sides.subi();
  }

  @Benchmark
  public void dl4jAdam() {
    sides.dl4jAdam();
  }

  @Benchmark
  public void opsAgr() {
    sides.opsAgr();
  }

  @Benchmark
  public void fusedAgr() {
    sides.fusedAgr();
  }

  @Benchmark
  public void fusedOff() {
    sides.fusedOff();
  }

  @Benchmark
  public void adanAgr() {
    sides.adanAgr();
  }
}
