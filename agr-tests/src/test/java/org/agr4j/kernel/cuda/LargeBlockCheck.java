package org.agr4j.kernel.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.agr4j.kernel.StepNumbers;
import org.agr4j.layout.TensorBoundaries;

/**
 * AdamW(AGR) on 10⁹ floats, or as many as the device holds: ones, with windows of random numbers at
 * the start, in the middle and at the end, which are compared.
 */
final class LargeBlockCheck {
  private static final long ELEMENTS = 1_000_000_000;
  private static final int WINDOW = 10_000;

  private LargeBlockCheck() {}

  static void run(NvidiaDevice device) {
    long n = Math.min(ELEMENTS, (device.freeMemory() - (1L << 28)) / 13);
    TensorBoundaries tensors = TensorBoundaries.ofLengths(n - 7, 7);
    BlockTable table = new BlockTable(tensors);
    FusedStep step = new FusedStep("float", false, table);
    long[] arrays = new long[3];
    for (int k = 0; k < arrays.length; k++) {
      arrays[k] = device.allocate(Float.BYTES * n);
      device.fill(arrays[k], k == 0 ? Float.floatToIntBits(1) : 0, n);
    }
    long counters = device.allocate(4 * Float.BYTES);
    device.fill(counters, 0, 4);
    long verdict = device.allocate(Long.BYTES);
    device.fill(verdict, -1, 2);
    ByteBuffer words = direct(table.words().length * Long.BYTES);
    words.asLongBuffer().put(table.words());
    long tableAddress = device.allocate(words.capacity());
    device.upload(tableAddress, words);

    long[] windows = {0, n / 2 + 1, n - 7 - WINDOW};
    float[][] g = new float[windows.length][WINDOW];
    double sum = n - 7;
    Random random = new Random(1);
    for (int w = 0; w < windows.length; w++) {
      ByteBuffer window = direct(WINDOW * Float.BYTES);
      for (int i = 0; i < WINDOW; i++) {
        g[w][i] = (float) (1e4 * random.nextGaussian());
        window.putFloat(i * Float.BYTES, g[w][i]);
        sum += Math.abs(g[w][i]) - 1;
      }
      device.upload(arrays[0] + Float.BYTES * windows[w], window);
    }

    StepNumbers c = StepChecks.numbers(1, false);
    step.table(table, tableAddress);
    step.arrays(verdict, arrays[0], new long[] {arrays[1], arrays[2]}, counters, counters + 8);
    step.launch(device, c, 0);
    device.download(tableAddress, words);
    double actual = words.getDouble((int) table.sumsAt() * Long.BYTES);
    if (!(Math.abs(actual - sum) <= 1e-6 * sum)) {
      throw new AssertionError("‖g‖₁ of " + (n - 7) + " elements is " + actual + ", not " + sum);
    }
    for (int w = 0; w < windows.length; w++) {
      ByteBuffer m = direct(WINDOW * Float.BYTES);
      device.download(arrays[1] + Float.BYTES * windows[w], m);
      for (int i = 0; i < WINDOW; i++) {
        double psi = g[w][i] * (1 - Math.abs(g[w][i]) / sum);
        double expected = (1 - c.beta1()) * psi;
        if (!(Math.abs(m.getFloat(i * Float.BYTES) - expected) <= 1e-6 * Math.abs(expected))) {
          throw new AssertionError("m at element " + (windows[w] + i) + " of " + n + " is wrong");
        }
      }
    }
    for (long address : new long[] {arrays[0], arrays[1], arrays[2], counters, verdict}) {
      device.free(address);
    }
    device.free(tableAddress);
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
