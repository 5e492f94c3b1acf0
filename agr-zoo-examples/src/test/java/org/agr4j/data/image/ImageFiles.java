package org.agr4j.data.image;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes image files, sound ones and ones that are odd in one way. */
final class ImageFiles {
  private static final int LENGTH_OF_JFIF = 20;

  private ImageFiles() {}

  /** Coarse noise, in which every mistake shows. */
  static BufferedImage noise(int width, int height, int type, long seed) {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(width, height, type);
    WritableRaster raster = image.getRaster();
    for (int band = 0; band < raster.getNumBands(); band++) {
      int most = (1 << raster.getSampleModel().getSampleSize(band)) - 1;
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int value = x % 3 == 0 ? random.nextInt(most + 1) : raster.getSample(x - 1, y, band);
          raster.setSample(x, y, band, value);
        }
      }
    }
    return image;
  }

  /** A JPEG of noise that begins with JFIF's segment. */
  static byte[] jpeg(long seed) {
    return jpeg(noise(24, 16, BufferedImage.TYPE_3BYTE_BGR, seed).getRaster(), true, 0.9f, false);
  }

  /** A JPEG by the JDK's writer; {@code colours} is whether the raster is grey or RGB. */
  static byte[] jpeg(Raster raster, boolean colours, float quality, boolean progressive) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = jdkWriter();
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(quality);
      param.setProgressiveMode(
          progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
      writer.setOutput(out);
      IIOImage image =
          colours ? new IIOImage(image(raster), null, null) : new IIOImage(raster, null, null);
      writer.write(null, image, param);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static ImageWriter jdkWriter() {
    for (Iterator<ImageWriter> all = ImageIO.getImageWritersByFormatName("jpeg"); all.hasNext(); ) {
      ImageWriter writer = all.next();
      if (writer.getClass().getModule() == ImageIO.class.getModule()) {
        return writer;
      }
    }
    throw new IllegalStateException("no writer");
  }

  private static BufferedImage image(Raster raster) {
    int type =
        raster.getNumBands() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
    BufferedImage image = new BufferedImage(raster.getWidth(), raster.getHeight(), type);
    image.getRaster().setRect(raster);
    return image;
  }

  /** A file in a format that the JDK writes. */
  static byte[] write(BufferedImage image, String format) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, format, out)) {
        throw new IllegalStateException("no writer of such a " + format);
      }
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /** Some of a file's bytes, others, and the rest. */
  static byte[] splice(byte[] file, int from, int to, byte[] between) {
    byte[] spliced = Arrays.copyOf(file, from + between.length + file.length - to);
    System.arraycopy(between, 0, spliced, from, between.length);
    System.arraycopy(file, to, spliced, from + between.length, file.length - to);
    return spliced;
  }

  /** A JPEG with a segment behind JFIF's. */
  static byte[] with(byte[] jpeg, int marker, byte[] content) {
    return splice(jpeg, LENGTH_OF_JFIF, LENGTH_OF_JFIF, segment(marker, content));
  }

  /** A JPEG without JFIF's segment, and another one first. */
  static byte[] instead(byte[] jpeg, int marker, byte[] content) {
    return splice(jpeg, 2, LENGTH_OF_JFIF, segment(marker, content));
  }

  private static byte[] segment(int marker, byte[] content) {
    byte[] segment = new byte[4 + content.length];
    segment[0] = (byte) 0xff;
    segment[1] = (byte) marker;
    segment[2] = (byte) (content.length + 2 >> 8);
    segment[3] = (byte) (content.length + 2);
    System.arraycopy(content, 0, segment, 4, content.length);
    return segment;
  }

  /** A word of one-byte characters, and numbers. */
  static byte[] bytes(String word, int... more) {
    byte[] bytes = new byte[word.length() + more.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i < word.length() ? word.charAt(i) : more[i - word.length()]);
    }
    return bytes;
  }

  /** Exif's data with an orientation between two other entries. */
  static byte[] exif(int orientation, boolean little) {
    byte[] big = new byte[8 + 2 + 3 * 12 + 4];
    put(big, 0, 2, little ? 0x4949 : 0x4d4d, false);
    put(big, 2, 2, 42, little);
    put(big, 4, 4, 8, little);
    put(big, 8, 2, 3, little);
    int[] tags = {0x0100, 0x0112, 0x0128};
    int[] values = {7, orientation, 2};
    for (int i = 0; i < tags.length; i++) {
      put(big, 10 + 12 * i, 2, tags[i], little);
      put(big, 12 + 12 * i, 2, 3, little);
      put(big, 14 + 12 * i, 4, 1, little);
      put(big, 18 + 12 * i, 2, values[i], little);
    }
    return big;
  }

  private static void put(byte[] target, int at, int count, long value, boolean little) {
    for (int i = 0; i < count; i++) {
      target[little ? at + i : at + count - 1 - i] = (byte) (value >> 8 * i);
    }
  }

  /** A PNG with a chunk before its pixels. */
  static byte[] withChunk(byte[] png, String type, byte[] content, boolean soundSum) {
    int behindHeader = 8 + 25;
    byte[] chunk = new byte[12 + content.length];
    put(chunk, 0, 4, content.length, false);
    System.arraycopy(bytes(type), 0, chunk, 4, 4);
    System.arraycopy(content, 0, chunk, 8, content.length);
    CRC32 crc = new CRC32();
    crc.update(chunk, 4, 4 + content.length);
    put(chunk, 8 + content.length, 4, soundSum ? crc.getValue() : 1, false);
    return splice(png, behindHeader, behindHeader, chunk);
  }
}
