package org.agr4j.internal.kernel.cuda;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.agr4j.internal.kernel.Optimizer;
import org.agr4j.internal.kernel.StepNumbers;

/**
 * AdamW(AGR) on 10⁹ floats, or as many as the device holds: ones, with windows of random numbers at
 * the start, in the middle and at the end. The windows are compared, and the small tensor that
 * follows.
 */
final class LargeBlockCheck {
  private static final long ELEMENTS = 1_000_000_000;
  private static final int WINDOW = 10_000;
  private static final int LAST = 7;
  private static final double TOLERANCE = 8 * 0x1p-24;

  private final NvidiaDevice device;
  private final StepNumbers numbers = StepChecks.numbers(1, false);
  private final long gradient;
  private final long state;
  private final long n;

  private LargeBlockCheck(NvidiaDevice device) {
    this.device = device;
    n = Math.min(ELEMENTS, (device.freeMemory() - (1L << 28)) / 13);
    gradient = device.allocate(Float.BYTES * n);
    long stateLength = ResidentBlock.stateLength(Optimizer.ADAMW, n, 2);
    state = device.allocate(Float.BYTES * stateLength);
    device.fill(gradient, Float.floatToIntBits(1), n);
    device.fill(state, 0, stateLength);
  }

  static void run(NvidiaDevice device) {
    new LargeBlockCheck(device).run();
  }

  private void run() {
    System.out.printf(
        "        largest block: %,d elements%s%n",
        n, n < ELEMENTS ? ", as this device has no memory for " + ELEMENTS : "");
    ResidentBlock block =
        new ResidentBlock(device, Optimizer.ADAMW, gradient, state, n - LAST, LAST);
    long[] windows = {0, n / 2 + 1, n - LAST - WINDOW};
    float[][] g = new float[windows.length][WINDOW];
    double sum = n - LAST;
    Random random = new Random(1);
    for (int w = 0; w < windows.length; w++) {
      ByteBuffer window = ResidentBlock.direct(WINDOW * Float.BYTES);
      for (int i = 0; i < WINDOW; i++) {
        g[w][i] = (float) (1e4 * random.nextGaussian());
        window.putFloat(i * Float.BYTES, g[w][i]);
        sum += Math.abs(g[w][i]) - 1;
      }
      device.upload(gradient + Float.BYTES * windows[w], window);
    }
    block.launch(numbers);

    require(sum, block.sum(0), "‖g‖₁");
    require(LAST, block.sum(1), "‖g‖₁ of the last tensor");
    for (int w = 0; w < windows.length; w++) {
      requireStep(windows[w], g[w], sum);
    }
    float[] ones = new float[LAST];
    Arrays.fill(ones, 1);
    requireStep(n - LAST, ones, LAST);
    float[] counters = read(state + 2 * Float.BYTES * n, 4);
    if (!Arrays.equals(new float[] {1, 1, 0, 0}, counters)) {
      throw new AssertionError("steps made and skipped are " + Arrays.toString(counters));
    }
    block.free();
    device.free(gradient);
    device.free(state);
  }

  /** Compares m, v and the update of the elements from {@code start} on. */
  private void requireStep(long start, float[] g, double sum) {
    float[] update = read(gradient + Float.BYTES * start, g.length);
    float[] m = read(state + Float.BYTES * start, g.length);
    float[] v = read(state + Float.BYTES * (n + start), g.length);
    for (int i = 0; i < g.length; i++) {
      double psi = g[i] * (1 - Math.abs(g[i]) / sum);
      double square = (double) g[i] * g[i];
      double expected = numbers.learningRate() * psi / (Math.abs(g[i]) + numbers.epsilon());
      String where = " at element " + (start + i) + " of " + n;
      require((1 - numbers.beta1()) * psi, m[i], "m" + where);
      require((1 - numbers.beta2()) * square, v[i], "v" + where);
      require(expected, update[i], "the update" + where);
    }
  }

  private float[] read(long address, int length) {
    ByteBuffer values = ResidentBlock.direct(length * Float.BYTES);
    device.download(address, values);
    float[] read = new float[length];
    values.asFloatBuffer().get(read);
    return read;
  }

  private static void require(double expected, double actual, String what) {
    if (!(Math.abs(actual - expected) <= TOLERANCE * Math.abs(expected))) {
      throw new AssertionError(what + " is " + actual + ", expected " + expected);
    }
  }
}
