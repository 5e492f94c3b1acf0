package org.agr4j.internal.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The shipped PTX is that of the source, and has the kernels that Java calls. */
class PtxTest {
  private static final Path SOURCE = Path.of("../agr-updater/src/main/cuda/fused_step.cu");

  @Test
  void belongsToTheSource() throws Exception {
    String[] header = new String(resource(), StandardCharsets.UTF_8).split("\n", 3);
    assertTrue(header[0].matches("// NVRTC 11\\.6 .*--gpu-architecture=compute_52.*"), header[0]);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update((header[0] + "\n").getBytes(StandardCharsets.UTF_8));
    digest.update(Files.readAllBytes(SOURCE));
    String hash =
        HexFormat.of().formatHex(digest.digest(header[2].getBytes(StandardCharsets.UTF_8)));
    assertEquals(
        "// sha256 " + hash,
        header[1],
        "fused_step.cu, its options or the PTX have changed: run agr-updater/src/main/cuda/build-ptx");
  }

  private static byte[] resource() throws IOException {
    try (InputStream in = CudaModule.class.getResourceAsStream(CudaModule.PTX)) {
      return in.readAllBytes();
    }
  }

  @Test
  void runsFromMaxwellOn() {
    assertTrue(CudaModule.ptx().contains("\n.target sm_52\n"));
    assertTrue(CudaModule.ptx().contains("\n.version 7.6\n"));
  }

  @Test
  void hasTheKernelsWithTheirParameters() {
    Pattern entry = Pattern.compile("\\.visible \\.entry (\\w+)\\(([^)]*)\\)");
    Pattern parameter = Pattern.compile("\\.param \\.align 8 \\.b8 \\w+\\[(\\d+)]");
    Map<String, List<Integer>> sizes = new LinkedHashMap<>();
    entry
        .matcher(CudaModule.ptx())
        .results()
        .forEach(
            e ->
                sizes.put(
                    e.group(1),
                    parameter
                        .matcher(e.group(2))
                        .results()
                        .map((MatchResult p) -> Integer.valueOf(p.group(1)))
                        .collect(Collectors.toList())));
    List<Integer> expected =
        List.of(KernelPair.BLOCK_WORDS * Long.BYTES, KernelPair.STEP_WORDS * Long.BYTES);
    for (Element type : Element.values()) {
      for (String kernel : List.of("norms_", "adamw_", "adan_")) {
        assertEquals(expected, sizes.remove(kernel + type.kernelName()), kernel + type);
      }
    }
    assertEquals(Map.of(), sizes, "and no others");
  }
}
