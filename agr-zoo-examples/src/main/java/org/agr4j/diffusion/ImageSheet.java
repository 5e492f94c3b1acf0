package org.agr4j.diffusion;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Images of a network as PNG: one, or many side by side. A value v becomes 255 (v + 1)/2, rounded,
 * below −1 black and above 1 white; one channel is grey, three are red, green and blue.
 */
public final class ImageSheet {
  private static final int GAP = 2;
  private static final int WHITE = 0xffffff;

  private ImageSheet() {}

  /**
   * Writes images in rows, as near a square as can be.
   *
   * @param images [N, 1 or 3, height, width]; not modified
   * @param out stays open
   */
  public static void writeAll(INDArray images, OutputStream out) throws IOException {
    int n = (int) images.size(0);
    int height = (int) images.size(2);
    int width = (int) images.size(3);
    int columns = (int) Math.ceil(Math.sqrt(n));
    int rows = (n + columns - 1) / columns;
    BufferedImage sheet =
        new BufferedImage(
            GAP + columns * (width + GAP), GAP + rows * (height + GAP), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < sheet.getHeight(); y++) {
      for (int x = 0; x < sheet.getWidth(); x++) {
        sheet.setRGB(x, y, WHITE);
      }
    }
    for (int i = 0; i < n; i++) {
      draw(
          images.slice(i),
          sheet,
          GAP + i % columns * (width + GAP),
          GAP + i / columns * (height + GAP));
    }
    write(sheet, out);
  }

  /**
   * Writes one image.
   *
   * @param image [1 or 3, height, width]; not modified
   * @param out stays open
   */
  public static void writeOne(INDArray image, OutputStream out) throws IOException {
    BufferedImage sheet =
        new BufferedImage((int) image.size(2), (int) image.size(1), BufferedImage.TYPE_INT_RGB);
    draw(image, sheet, 0, 0);
    write(sheet, out);
  }

  private static void draw(INDArray image, BufferedImage sheet, int left, int top) {
    int channels = (int) image.size(0);
    int height = (int) image.size(1);
    int width = (int) image.size(2);
    float[] values = image.dup('c').reshape(image.length()).toFloatVector();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = 0;
        for (int colour = 0; colour < 3; colour++) {
          int channel = channels == 3 ? colour : 0;
          rgb = rgb << 8 | level(values[(channel * height + y) * width + x]);
        }
        sheet.setRGB(left + x, top + y, rgb);
      }
    }
  }

  /** 0 to 255; NaN is 0. */
  static int level(float value) {
    return Math.max(0, Math.min(255, Math.round((value + 1) * 127.5f)));
  }

  private static void write(BufferedImage image, OutputStream out) throws IOException {
    // In memory: ImageIO would go through a file in the folder of temporary files.
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      ImageIO.write(image, "png", stream);
    }
  }
}
