package org.agr4j.data.image;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.agr4j.input.BadInputException;

/**
 * Decodes image files: JPEG, PNG, GIF (its first picture), BMP and WebP, told by their content. The
 * image becomes RGB of 8 bits a channel (grey thrice, transparent parts on white), upright as its
 * Exif flag says.
 *
 * <p>What is odd around whole pixels does no harm: colour profiles, markers of cameras, bytes after
 * the end. What lost some of its pixels is refused, where it shows. A sound profile of a JPEG is
 * applied; one that is broken or for another kind of colours is not, nor is that of any other
 * format.
 *
 * <p>JPEG, PNG, GIF and BMP are decoded by the JDK, so that sound files give the very bytes they
 * always gave; printing colours (CMYK, YCCK) and WebP by TwelveMonkeys. Nothing is written to disk.
 */
public final class ImageDecoder {
  /** An image above this is refused before it is decoded: 400 MB as it is decoded. */
  static final long MOST_PIXELS = 100_000_000;

  /** Of the decoders' warnings those that lose no pixel. Most others tell of made-up ones. */
  private static final Pattern HARMLESS =
      Pattern.compile(
          "Embedded color profile is invalid; ignored"
              + "|Warning: unknown JFIF revision number .*"
              + "|Invalid SOS parameters for sequential JPEG"
              + "|Unknown Adobe color transform code .*"
              + "|No embedded ICC color profile, will convert using inaccurate CMYK .*");

  private static final Pattern IMAGE_NAME =
      Pattern.compile("[^.].*\\.(jpe?g|jpe|jfif|png|gif|bmp|webp)", Pattern.CASE_INSENSITIVE);

  /** Looks at an image's size before it is decoded. */
  @FunctionalInterface
  public interface SizeCheck {
    /**
     * Refuses a size or does nothing.
     *
     * @throws BadInputException to refuse it
     */
    void check(int width, int height);
  }

  static {
    // Its files would need a folder that can be written to.
    ImageIO.setUseCache(false);
  }

  private final byte[] file;
  private final String source;
  private final SizeCheck size;

  /** Whether a file's name ends as one of an image does that can be decoded. */
  public static boolean hasImageName(String name) {
    return IMAGE_NAME.matcher(name).matches();
  }

  private ImageDecoder(byte[] file, String source, SizeCheck size) {
    this.file = file;
    this.source = source;
    this.size = size;
  }

  /**
   * Decodes an image.
   *
   * @param file its bytes; not modified
   * @param source what to call it in a message
   * @param size looks at the stored width and height before decoding
   * @return an upright image of type INT_RGB
   * @throws BadInputException if it is no image of these formats, truncated, damaged, above 100
   *     million pixels, or the check refuses it; one line that names it
   */
  public static BufferedImage decode(byte[] file, String source, SizeCheck size) {
    return new ImageDecoder(file, source, size).decode();
  }

  private BufferedImage decode() {
    ImageFormat format = ImageFormat.of(file);
    if (format == null || !format.isDecoded()) {
      throw new BadInputException(
          "%s (%,d bytes) is %s, expected %s"
              .formatted(
                  source,
                  file.length,
                  format == null ? "no image" : "a " + format.title() + " file",
                  ImageFormat.EXPECTED));
    }
    try {
      return switch (format) {
        case JPEG -> jpeg();
        case PNG -> {
          PngChunks chunks = new PngChunks(file);
          BufferedImage image = read(jdkReader("png"), chunks.plain());
          yield Orientation.upright(image, chunks.orientation());
        }
        case WEBP -> {
          requireWholeRiff();
          yield read(new WebPImageReaderSpi().createReaderInstance(null), file);
        }
        default -> read(jdkReader(format.title()), file);
      };
    } catch (IOException | RuntimeException e) {
      if (e instanceof BadInputException refusal) {
        throw refusal;
      }
      // On damaged data decoders also throw what is meant for programming errors.
      throw new BadInputException(
          "%s (%,d bytes) is not a sound %s image: %s"
              .formatted(source, file.length, format.title(), reason(e)),
          e);
    }
  }

  /** Decoders quote bytes of the file in their messages. */
  private static String reason(Exception e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.replaceAll("[\\p{Cntrl}\u2028\u2029]+", " ").strip();
  }

  /** The file as it is; where that is refused, without what its pixels do not need. */
  private BufferedImage jpeg() throws IOException {
    JpegSegments segments = new JpegSegments(file);
    BufferedImage image;
    if (segments.components() == 4) {
      image = read(printingColoursReader(), segments.plain());
    } else if (segments.hasForeignProfile()) {
      image = read(jdkReader("jpeg"), segments.plain());
    } else {
      image = asItIsOrPlain(segments);
    }
    return Orientation.upright(image, segments.orientation());
  }

  private BufferedImage asItIsOrPlain(JpegSegments segments) throws IOException {
    try {
      return read(jdkReader("jpeg"), file);
    } catch (BadInputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      try {
        return read(jdkReader("jpeg"), segments.plain());
      } catch (IOException | RuntimeException again) {
        throw e;
      }
    }
  }

  /** Decoders of WebP make up what is cut off, without a word. */
  private void requireWholeRiff() throws IOException {
    long announced = 8 + Long.reverseBytes(Bytes.u32(file, 4) << 32) & 0xffffffffL;
    if (announced > file.length) {
      throw new IOException("it is cut off, expected %,d bytes".formatted(announced));
    }
  }

  private BufferedImage read(ImageReader reader, byte[] bytes) throws IOException {
    List<String> warnings = new ArrayList<>();
    try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      reader.addIIOReadWarningListener((from, warning) -> warnings.add(warning));
      reader.setInput(in, true, true);
      check(reader.getWidth(0), reader.getHeight(0));
      BufferedImage image = reader.read(0);
      for (String warning : warnings) {
        if (!HARMLESS.matcher(warning).matches()) {
          throw new IOException(warning);
        }
      }
      return RgbPixels.of(image);
    } finally {
      reader.dispose();
    }
  }

  private void check(int width, int height) {
    size.check(width, height);
    if ((long) width * height > MOST_PIXELS) {
      throw new BadInputException(
          "%s has %d×%d pixels, expected %,d at most"
              .formatted(source, width, height, MOST_PIXELS));
    }
  }

  /** The JDK's own reader, whichever others are on the class path. */
  private static ImageReader jdkReader(String format) throws IOException {
    for (Iterator<ImageReader> all = ImageIO.getImageReadersByFormatName(format); all.hasNext(); ) {
      ImageReader reader = all.next();
      if (reader.getClass().getModule() == ImageIO.class.getModule()) {
        return reader;
      }
    }
    throw new IOException("this Java has no decoder for it");
  }

  private static ImageReader printingColoursReader() throws IOException {
    IIORegistry registry = IIORegistry.getDefaultInstance();
    ImageReaderSpi provider = registry.getServiceProviderByClass(JPEGImageReaderSpi.class);
    if (provider == null) { // services of a jar may get lost where jars are merged
      provider = new JPEGImageReaderSpi();
      registry.registerServiceProvider(provider);
    }
    return provider.createReaderInstance();
  }
}
