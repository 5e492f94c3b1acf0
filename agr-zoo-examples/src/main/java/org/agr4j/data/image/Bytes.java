package org.agr4j.data.image;

import java.util.Arrays;

/** Big-endian numbers and words in the bytes of a file. */
final class Bytes {
  private Bytes() {}

  /** Whether a word stands at a place and ends before another; false where that is outside. */
  static boolean startsWith(byte[] file, int at, int end, byte[] word) {
    return at >= 0
        && at + word.length <= Math.min(end, file.length)
        && Arrays.equals(file, at, at + word.length, word, 0, word.length);
  }

  /** An unsigned byte. */
  static int u8(byte[] file, int at) {
    return file[at] & 0xff;
  }

  /** An unsigned number of two bytes. */
  static int u16(byte[] file, int at) {
    return u8(file, at) << 8 | u8(file, at + 1);
  }

  /** An unsigned number of four bytes. */
  static long u32(byte[] file, int at) {
    return (long) u16(file, at) << 16 | u16(file, at + 2);
  }
}
