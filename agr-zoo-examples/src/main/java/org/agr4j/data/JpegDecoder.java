package org.agr4j.data;

import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes JPEG images of a known size to planes of bytes, with the JDK's decoder. */
final class JpegDecoder {
  private final int side;

  /**
   * A decoder of square images.
   *
   * @param side height and width in pixels
   */
  JpegDecoder(int side) {
    this.side = side;
  }

  /**
   * Decodes an image: the red plane, the green, the blue, each row by row. A grayscale image has
   * three equal planes.
   *
   * @param jpeg the file; not modified
   * @param source what to call it in a message
   * @param target receives 3 × side × side bytes
   * @param at where the first byte goes
   * @throws BadInputException if it is truncated, damaged, no JPEG, neither RGB nor grayscale, or
   *     of another size
   */
  void decode(byte[] jpeg, String source, byte[] target, int at) {
    ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
    List<String> warnings = new ArrayList<>();
    Raster raster;
    try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg))) {
      reader.addIIOReadWarningListener((from, warning) -> warnings.add(warning));
      reader.setInput(in, true, true);
      requireSize(reader.getWidth(0), reader.getHeight(0), source);
      raster = reader.read(0).getRaster();
    } catch (BadInputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // On damaged data the decoder also throws what is meant for programming errors.
      warnings.add(e.getMessage() == null ? e.toString() : e.getMessage());
      throw damaged(jpeg, source, warnings, e);
    } finally {
      reader.dispose();
    }
    // The decoder makes up what is missing, and only warns.
    if (!warnings.isEmpty()) {
      throw damaged(jpeg, source, warnings, null);
    }
    copy(raster, source, target, at);
  }

  private void requireSize(int width, int height, String source) {
    if (width != side || height != side) {
      throw new BadInputException(
          "%s is %d×%d pixels, expected %d×%d".formatted(source, width, height, side, side));
    }
  }

  private static BadInputException damaged(
      byte[] jpeg, String source, List<String> warnings, Exception cause) {
    return new BadInputException(
        "%s (%,d bytes) is not a sound JPEG image: %s"
            .formatted(source, jpeg.length, warnings.get(0)),
        cause);
  }

  /**
   * The raster has the values of the file. {@code BufferedImage.getRGB} would convert those of a
   * grayscale image from linear to sRGB, and brighten it.
   */
  private void copy(Raster raster, String source, byte[] target, int at) {
    int bands = raster.getNumBands();
    if (bands != 1 && bands != 3) {
      throw new BadInputException(
          "%s has %d colour channels, expected 3 or 1".formatted(source, bands));
    }
    int plane = side * side;
    int[] values = new int[plane];
    for (int channel = 0; channel < 3; channel++) {
      raster.getSamples(0, 0, side, side, Math.min(channel, bands - 1), values);
      for (int i = 0; i < plane; i++) {
        target[at + channel * plane + i] = (byte) values[i];
      }
    }
  }
}
