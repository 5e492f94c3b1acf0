package org.agr4j.internal.kernel.cuda;

import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs the shipped PTX on this machine's first NVIDIA GPU, without ND4J: the checks of {@link
 * StepChecks}, a block of 10⁹ elements, then {@link CudaBench}. {@code agr-tests/cuda/check} starts
 * it; arguments: {@code --no-bench}, or {@code --only TEXT} for the checks whose name holds it.
 */
final class CudaCheck {
  private CudaCheck() {}

  public static void main(String[] args) {
    String only = "";
    boolean bench = true;
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--no-bench")) {
        bench = false;
      } else if (args[i].equals("--only") && i + 1 < args.length) {
        only = args[++i];
        bench = false;
      } else {
        System.err.println("argument " + args[i] + ", expected --no-bench or --only TEXT");
        System.exit(2);
      }
    }
    NvidiaDevice device = null;
    try {
      device = new NvidiaDevice();
      System.out.println(device.describe());
    } catch (CudaException e) {
      System.err.println("cannot run the CUDA kernels on this machine: " + e.getMessage());
      System.exit(1);
    }
    int failures = check(device, only);
    if (failures == 0 && bench) {
      new CudaBench(device).run();
    }
    System.exit(failures == 0 ? 0 : 1);
  }

  private static int check(NvidiaDevice device, String only) {
    int failures = 0;
    Map<String, Consumer<RawDevice>> checks = StepChecks.all();
    checks.put("largest block", d -> LargeBlockCheck.run((NvidiaDevice) d));
    for (Map.Entry<String, Consumer<RawDevice>> check : checks.entrySet()) {
      if (!check.getKey().contains(only)) {
        continue;
      }
      try {
        check.getValue().accept(device);
        device.synchronize();
        System.out.println("ok      " + check.getKey());
      } catch (AssertionError | CudaException e) {
        failures++;
        System.out.println("FAILED  " + check.getKey() + ": " + e.getMessage());
      }
    }
    System.out.println(failures == 0 ? "all checks passed" : failures + " checks failed");
    return failures;
  }
}
