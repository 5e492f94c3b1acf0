package org.agr4j.internal.kernel.cpu;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A view of numbers outside the Java heap, of any length, for copies from and to Java arrays.
 *
 * <p>A NIO buffer ends at 2 GB, so the view is a row of windows. It neither owns nor keeps the
 * memory: it is valid as long as its owner is reachable. Immutable; threads may share it.
 */
final class OffHeapArray {
  private static final int WINDOW_BYTES = 1 << 30;

  private final long address;
  private final long bytes;
  private final int windowShift; // log2 of the elements in a window
  private final FloatBuffer[] floats;
  private final DoubleBuffer[] doubles;

  /**
   * A view of FLOAT or DOUBLE elements.
   *
   * @param address where the first element lies
   * @param bytes length in bytes
   * @param wide whether the elements are DOUBLE
   */
  OffHeapArray(long address, long bytes, boolean wide) {
    this(address, bytes, wide, WINDOW_BYTES);
  }

  /** A view with windows of another size, a power of two, so that a test can cross one. */
  OffHeapArray(long address, long bytes, boolean wide, int windowBytes) {
    this.address = address;
    this.bytes = bytes;
    windowShift = Integer.numberOfTrailingZeros(windowBytes) - (wide ? 3 : 2);
    int windows = Math.toIntExact((bytes + windowBytes - 1) / windowBytes);
    floats = wide ? null : new FloatBuffer[windows];
    doubles = wide ? new DoubleBuffer[windows] : null;
    for (int i = 0; i < windows; i++) {
      long start = (long) i * windowBytes;
      ByteBuffer window =
          new Window(address + start, Math.min(windowBytes, bytes - start)).asBuffer();
      if (wide) {
        doubles[i] = window.asDoubleBuffer();
      } else {
        floats[i] = window.asFloatBuffer();
      }
    }
  }

  /** Whether this is the view of that memory. */
  boolean isViewOf(long address, long bytes, boolean wide) {
    return this.address == address && this.bytes == bytes && (doubles != null) == wide;
  }

  /** Copies elements {@code at} to {@code at + n}, in one window, to the start of {@code to}. */
  void read(long at, float[] to, int n) {
    floats[(int) (at >> windowShift)].get(inWindow(at), to, 0, n);
  }

  /** Copies the start of {@code from} to elements {@code at} to {@code at + n}, in one window. */
  void write(long at, float[] from, int n) {
    floats[(int) (at >> windowShift)].put(inWindow(at), from, 0, n);
  }

  /** Copies elements {@code at} to {@code at + n}, in one window, to the start of {@code to}. */
  void read(long at, double[] to, int n) {
    doubles[(int) (at >> windowShift)].get(inWindow(at), to, 0, n);
  }

  /** Copies the start of {@code from} to elements {@code at} to {@code at + n}, in one window. */
  void write(long at, double[] from, int n) {
    doubles[(int) (at >> windowShift)].put(inWindow(at), from, 0, n);
  }

  private int inWindow(long at) {
    return (int) (at & ((1L << windowShift) - 1));
  }

  /** JavaCPP's way from an address to a NIO buffer. */
  private static final class Window extends BytePointer {
    Window(long address, long bytes) {
      super((Pointer) null);
      this.address = address;
      limit = bytes;
      capacity = bytes;
    }
  }
}
