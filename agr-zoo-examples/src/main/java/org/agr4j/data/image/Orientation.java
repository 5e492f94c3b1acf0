package org.agr4j.data.image;

import static org.agr4j.data.image.Bytes.u8;

import java.awt.image.BufferedImage;

/**
 * Exif's orientation: how an image must be turned to be upright (Exif 2.32, tag 0x0112).
 *
 * <p>Every image is turned, in training and in prediction alike: that is how its owner saw it when
 * it was sorted into a class. OpenCV and viewers do so, too; Pillow and TensorFlow leave it to the
 * caller. The images of the published data sets have no such flag.
 */
final class Orientation {
  private static final int TAG = 0x0112;
  private static final int SHORT = 3;
  private static final int ENTRY_BYTES = 12;

  private Orientation() {}

  /**
   * Looks the flag up in the first directory of Exif data, which has the form of a TIFF file.
   *
   * @param file the bytes it is in; not modified
   * @param from where the data begins
   * @param to where it ends
   * @return 1 to 8; 1, which is upright, if nothing sound says otherwise
   */
  static int inTiff(byte[] file, int from, int to) {
    if (to - from < 8) {
      return 1;
    }
    boolean little = file[from] == 'I';
    long directory = number(file, from + 4, 4, little);
    if (directory > to - from - 2) {
      return 1;
    }
    int at = from + (int) directory;
    int entries = (int) number(file, at, 2, little);
    at += 2;
    for (int i = 0; i < entries && at + ENTRY_BYTES <= to; i++, at += ENTRY_BYTES) {
      if (number(file, at, 2, little) == TAG && number(file, at + 2, 2, little) == SHORT) {
        int value = (int) number(file, at + 8, 2, little);
        return value >= 1 && value <= 8 ? value : 1;
      }
    }
    return 1;
  }

  private static long number(byte[] file, int at, int bytes, boolean little) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | u8(file, little ? at + bytes - 1 - i : at + i);
    }
    return value;
  }

  /**
   * Turns an image.
   *
   * @param image of type INT_RGB; not modified
   * @param orientation 1 to 8
   * @return the image itself for 1
   */
  static BufferedImage upright(BufferedImage image, int orientation) {
    if (orientation == 1) {
      return image;
    }
    boolean swapped = orientation >= 5;
    int width = swapped ? image.getHeight() : image.getWidth();
    int height = swapped ? image.getWidth() : image.getHeight();
    // The sides of the stored image at which the upright one's rows and columns begin.
    boolean fromRight =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean fromBottom =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    BufferedImage turned = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int column = swapped ? y : x;
        int row = swapped ? x : y;
        turned.setRGB(
            x,
            y,
            image.getRGB(
                fromRight ? image.getWidth() - 1 - column : column,
                fromBottom ? image.getHeight() - 1 - row : row));
      }
    }
    return turned;
  }
}
