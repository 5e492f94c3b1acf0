package org.agr4j.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.agr4j.input.BadInputException;

/** Decodes records of one {@link CifarFormat} into one {@link ImageSet}. */
final class CifarRecords {
  private final CifarFormat format;
  private final byte[] pixels;
  private final int[] labels;

  /**
   * Room for images, all to be read.
   *
   * @param format the layout
   * @param images number of images
   */
  CifarRecords(CifarFormat format, int images) {
    this.format = format;
    this.pixels = new byte[Math.multiplyExact(images, CifarFormat.IMAGE_BYTES)];
    this.labels = new int[images];
  }

  /**
   * Reads some records of CIFAR's binary form.
   *
   * @param in where the next record starts; read as far as the last record asked for
   * @param source what to call the file in a message
   * @param first index of the image the first record becomes
   * @param count number of records
   * @throws BadInputException if a label is out of range
   * @throws EOFException if the stream ends early; the message says after how many bytes
   */
  void read(InputStream in, String source, int first, int count) throws IOException {
    byte[] label = new byte[format.labelBytes()];
    for (int record = 0; record < count; record++) {
      fill(in, label, 0, label.length, (long) record * format.recordBytes());
      for (int i = 0; i < label.length; i++) {
        int value = label[i] & 0xff;
        if (value >= format.labelRange(i)) {
          throw new BadInputException(
              "%s: record %d has label %d, expected 0 to %d"
                  .formatted(source, record, value, format.labelRange(i) - 1));
        }
      }
      int image = first + record;
      labels[image] = label[label.length - 1] & 0xff;
      fill(
          in,
          pixels,
          image * CifarFormat.IMAGE_BYTES,
          CifarFormat.IMAGE_BYTES,
          (long) record * format.recordBytes() + label.length);
    }
  }

  private static void fill(InputStream in, byte[] target, int at, int count, long before)
      throws IOException {
    int read = in.readNBytes(target, at, count);
    if (read < count) {
      throw new EOFException("after " + (before + read) + " bytes");
    }
  }

  /** The images; nothing may be read afterwards. */
  ImageSet images() {
    return new ImageSet(
        pixels, labels, CifarFormat.CHANNELS, CifarFormat.SIDE, CifarFormat.SIDE, format.classes());
  }
}
