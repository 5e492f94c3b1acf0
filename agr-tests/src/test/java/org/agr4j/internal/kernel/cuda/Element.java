package org.agr4j.internal.kernel.cuda;

import java.nio.ByteBuffer;

/** The types of the kernels, as bytes. */
enum Element {
  FLOAT(4, 0x1p-22),
  DOUBLE(8, 0x1p-50);

  final int bytes;

  /** By how much of itself a number may be off after the few roundings of a step. */
  final double precision;

  Element(int bytes, double precision) {
    this.bytes = bytes;
    this.precision = precision;
  }

  /** The type's name in the kernels'. */
  String kernelName() {
    return name().toLowerCase();
  }

  double get(ByteBuffer from, int at) {
    switch (this) {
      case FLOAT:
        return from.getFloat(at);
      default:
        return from.getDouble(at);
    }
  }

  void put(ByteBuffer to, int at, double value) {
    switch (this) {
      case FLOAT:
        to.putFloat(at, (float) value);
        break;
      default:
        to.putDouble(at, value);
    }
  }
}
