package org.agr4j.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.stream.Stream;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The machine and the versions that a run or a measurement was made on.
 *
 * @param agr4j version of this project
 * @param processor its model, or its architecture where the system does not tell
 * @param processors how many the Java machine sees
 * @param memoryGib the Java heap's limit in GiB
 * @param system operating system
 * @param java version of Java
 * @param nd4j version of ND4J
 * @param backend ND4J's backend
 * @param nd4jThreads threads ND4J uses
 */
public record Machine(
    String agr4j,
    String processor,
    int processors,
    double memoryGib,
    String system,
    String java,
    String nd4j,
    String backend,
    int nd4jThreads) {
  /** This machine. */
  public static Machine here() {
    return new Machine(
        built("version"),
        processorModel(),
        Runtime.getRuntime().availableProcessors(),
        Runtime.getRuntime().maxMemory() / (double) (1 << 30),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.version"),
        built("dl4j.version"),
        Nd4j.getBackend().getClass().getSimpleName(),
        Nd4j.getEnvironment().maxMasterThreads());
  }

  /**
   * What the build wrote into the resources; ND4J's own classes do not tell their version.
   *
   * @param name {@code version} of this project, or {@code dl4j.version}
   */
  public static String built(String name) {
    Properties build = new Properties();
    try (InputStream in = Machine.class.getResourceAsStream("/org/agr4j/build.properties")) {
      build.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return build.getProperty(name);
  }

  private static String processorModel() {
    Path cpuInfo = Path.of("/proc/cpuinfo");
    if (Files.isReadable(cpuInfo)) {
      try (Stream<String> lines = Files.lines(cpuInfo)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse(System.getProperty("os.arch"));
      } catch (IOException e) {
        return System.getProperty("os.arch"); // a figure's caption, not worth failing for
      }
    }
    return System.getProperty("os.arch");
  }

  @Override
  public String toString() {
    return "%s, %d processors (ND4J uses %d), %s, Java %s, ND4J %s on %s"
        .formatted(processor, processors, nd4jThreads, system, java, nd4j, backend);
  }
}
