package org.agr4j.data;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.agr4j.input.BadInputException;
import org.nd4j.linalg.dataset.DataSet;

/**
 * A minibatch before augmentation, and its file: a quarter of the size of floats, with a check sum.
 *
 * <p>The file, big-endian: the magic number, images n, channels, height, width, classes; n numbers;
 * n labels; n · channels · height · width unsigned bytes; CRC-32 of all before as a long.
 */
public final class ImageBatch {
  private static final int MAGIC = 0x41475242; // AGRB
  private static final int MOST_BYTES = 1 << 30;

  private final ImageSet images;
  private final int[] numbers;

  private ImageBatch(ImageSet images, int[] numbers) {
    this.images = images;
    this.numbers = numbers;
  }

  /**
   * A batch of a data set.
   *
   * @param all the data set; not modified
   * @param order the images' indices in some order; not modified
   * @param from where the batch begins in that order
   * @param to where it ends, exclusively
   */
  public static ImageBatch of(ImageSet all, int[] order, int from, int to) {
    int[] numbers = Arrays.copyOfRange(order, from, to);
    return new ImageBatch(all.select(numbers), numbers);
  }

  /** Number of images. */
  public int size() {
    return numbers.length;
  }

  /**
   * Features and labels as the network gets them.
   *
   * @param standardization applied after augmentation
   * @param augmentation what is done to an image
   * @param seed of the augmentation
   * @param epoch of the augmentation; 0 is the first
   */
  public DataSet toDataSet(
      Standardization standardization, Augmentation augmentation, long seed, int epoch) {
    return new BatchMaker(images, standardization, augmentation, seed, epoch)
        .make(numbers.length, i -> i, i -> numbers[i], null);
  }

  /** Writes the file's content; the stream stays open. */
  public void write(OutputStream stream) throws IOException {
    CheckedOutputStream checked = new CheckedOutputStream(stream, new CRC32());
    DataOutputStream out = new DataOutputStream(checked);
    out.writeInt(MAGIC);
    out.writeInt(numbers.length);
    out.writeInt(images.channels());
    out.writeInt(images.height());
    out.writeInt(images.width());
    out.writeInt(images.classes());
    for (int number : numbers) {
      out.writeInt(number);
    }
    for (int i = 0; i < numbers.length; i++) {
      out.writeInt(images.label(i));
    }
    images.writePixels(out);
    out.writeLong(checked.getChecksum().getValue());
    out.flush();
  }

  /**
   * Reads a file.
   *
   * @param name of the file, for the message
   * @param stream its content; stays open
   * @throws BadInputException if it is damaged or no such file
   * @throws IOException if it cannot be read
   */
  public static ImageBatch read(String name, InputStream stream) throws IOException {
    CheckedInputStream checked = new CheckedInputStream(stream, new CRC32());
    DataInputStream in = new DataInputStream(checked);
    try {
      require(name, in.readInt() == MAGIC, "does not begin as a batch of images does");
      int[] head = new int[5];
      long bytes = 1;
      for (int i = 0; i < head.length; i++) {
        head[i] = in.readInt();
        require(name, head[i] > 0 && head[i] < MOST_BYTES, "has sizes that cannot be");
        bytes = i < 4 ? Math.min(MOST_BYTES + 1L, bytes * head[i]) : bytes;
      }
      require(name, bytes <= MOST_BYTES, "has sizes that cannot be");
      int[] numbers = ints(in, head[0]);
      int[] labels = ints(in, head[0]);
      byte[] pixels = in.readNBytes((int) bytes);
      require(name, pixels.length == bytes, "is cut off");
      long sum = checked.getChecksum().getValue();
      require(name, in.readLong() == sum, "has another check sum than its content");
      for (int label : labels) {
        require(name, label >= 0 && label < head[4], "has a label outside its classes");
      }
      return new ImageBatch(
          new ImageSet(pixels, labels, head[1], head[2], head[3], head[4]), numbers);
    } catch (EOFException e) {
      throw new BadInputException(message(name, "is cut off"), e);
    }
  }

  private static int[] ints(DataInputStream in, int n) throws IOException {
    int[] values = new int[n];
    for (int i = 0; i < n; i++) {
      values[i] = in.readInt();
    }
    return values;
  }

  private static void require(String name, boolean holds, String what) {
    if (!holds) {
      throw new BadInputException(message(name, what));
    }
  }

  private static String message(String name, String what) {
    return "the batch file " + name + " " + what + ", expected a whole one: remove it and export";
  }
}
