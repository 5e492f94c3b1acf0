package org.agr4j.internal.kernel.cuda;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What {@code agr-tests/pytorch/fused_adamw.py} measures, if PyTorch with CUDA is on the machine.
 */
final class PyTorchTimes {
  private static final Path SCRIPT = Path.of("agr-tests", "pytorch", "fused_adamw.py");

  /** Set by {@code agr-tests/cuda/check}: the library path it was called with. */
  private static final String CALLERS_PATH = "CALLERS_LD_LIBRARY_PATH";

  private PyTorchTimes() {}

  /** What the script printed of networks' tensors, or null, after saying why. */
  static JsonNode of(Map<String, long[]> tensors) {
    if (!Files.exists(SCRIPT)) {
      System.out.println("without PyTorch: " + SCRIPT + " is not here");
      return null;
    }
    ObjectMapper json = new ObjectMapper();
    try {
      Process python = process().start();
      try (OutputStream in = python.getOutputStream()) {
        in.write(json.writeValueAsBytes(tensors));
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

  /** PyTorch brings a CUDA of its own, and must not find ours. */
  private static ProcessBuilder process() {
    ProcessBuilder process =
        new ProcessBuilder("python3", SCRIPT.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    Map<String, String> environment = process.environment();
    String callers = environment.remove(CALLERS_PATH);
    if (callers == null || callers.isEmpty()) {
      environment.remove("LD_LIBRARY_PATH");
    } else {
      environment.put("LD_LIBRARY_PATH", callers);
    }
    return process;
  }
}
