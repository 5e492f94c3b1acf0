package org.agr4j.data.image;

import static org.agr4j.data.image.Bytes.u32;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file (ISO/IEC 15948, section 5).
 *
 * <p>The JDK's reader compares no check sums, and stops at chunks that have nothing to do with the
 * pixels (profiles, texts, times) where one is odd. So it gets a copy with those alone that the
 * pixels need, compared here.
 */
final class PngChunks {
  private static final int SIGNATURE = 8;
  private static final List<String> NEEDED = List.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");

  private final byte[] file;
  private int orientation = 1;

  /**
   * Chunks of a file.
   *
   * @param file that begins as a PNG does; kept, not modified
   */
  PngChunks(byte[] file) {
    this.file = file;
  }

  /**
   * The same image without what its pixels do not need, and without what follows its end.
   *
   * @throws IOException if a chunk the pixels need is damaged or the file is cut off
   */
  byte[] plain() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(file.length);
    out.write(file, 0, SIGNATURE);
    for (int at = SIGNATURE; at < file.length; ) {
      long length = at + 12 <= file.length ? u32(file, at) : Integer.MAX_VALUE;
      if (length > file.length - at - 12) {
        throw new IOException("it is cut off after " + file.length + " bytes");
      }
      int end = at + 12 + (int) length;
      String type = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
      if (NEEDED.contains(type)) {
        CRC32 crc = new CRC32();
        crc.update(file, at + 4, 4 + (int) length);
        if (crc.getValue() != u32(file, end - 4)) {
          throw new IOException("the check sum of its chunk " + type + " is another");
        }
        out.write(file, at, end - at);
      } else if (type.equals("eXIf")) {
        orientation = Orientation.inTiff(file, at + 8, end - 4);
      }
      if (type.equals("IEND")) {
        return out.toByteArray();
      }
      at = end;
    }
    throw new IOException("it is cut off after " + file.length + " bytes");
  }

  /** How the image must be turned to be upright, 1 to 8 as in Exif, as far as it was read. */
  int orientation() {
    return orientation;
  }
}
