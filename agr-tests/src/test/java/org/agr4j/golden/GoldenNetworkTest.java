package org.agr4j.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The zoo's networks give the golden outputs, losses and gradients.
 *
 * <p>{@code -Dagr4j.goldenNets=DIR} reads every .npz of another folder.
 */
class GoldenNetworkTest {
  private static final String FOLDER = "agr4j.goldenNets";

  static Stream<File> files() throws URISyntaxException {
    String folder = System.getProperty(FOLDER);
    File from =
        folder != null
            ? new File(folder)
            : new File(GoldenNetworkTest.class.getResource("/golden-nets").toURI());
    File[] files = from.listFiles((dir, name) -> name.endsWith(".npz"));
    if (files == null || files.length == 0) {
      throw new IllegalArgumentException(
          "-D" + FOLDER + "=" + from + ", expected a folder with .npz files");
    }
    Arrays.sort(files);
    return Arrays.stream(files);
  }

  @ParameterizedTest
  @MethodSource("files")
  void doubleAgrees(File file) throws Exception {
    GoldenComparison network = GoldenComparison.read(file, DataType.DOUBLE);
    if (network == null) {
      System.out.println("GOLDEN " + file.getName() + ": skipped, the zoo has no such network");
    }
    assumeTrue(network != null, "no network of the zoo");
    network.compare();
    System.out.println(network.line());
    assertEquals(Map.of(), network.beyond(1e-9));
    assertEquals(Set.of(), network.left());
  }

  @ParameterizedTest
  @MethodSource("files")
  void floatAgrees(File file) throws Exception {
    GoldenComparison network = GoldenComparison.read(file, DataType.FLOAT);
    assumeTrue(network != null, "no network of the zoo");
    assertEquals(Map.of(), network.compare().beyond(1e-4));
  }
}
