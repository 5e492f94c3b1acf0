package org.agr4j.layers;

/**
 * How the positions of a sample, row by row, are cut into windows whose tokens attend to each
 * other.
 *
 * <p>A shift rolls the image by (−shift, −shift) first: place (y, x) of the rolled image is
 * position (y + shift, x + shift) modulo the sides. Padding adds rows below and columns to the
 * right up to whole windows.
 */
final class WindowGrid {
  private static final int PADDING = -1;

  private final int height;
  private final int width;
  private final int tokens;
  private final int[] positions;
  private final int[] regions;

  private WindowGrid(int height, int width, int tokens, int[] positions, int[] regions) {
    this.height = height;
    this.width = width;
    this.tokens = tokens;
    this.positions = positions;
    this.regions = regions;
  }

  /** One window that holds every position. */
  static WindowGrid whole(int positions) {
    int[] all = new int[positions];
    for (int i = 0; i < positions; i++) {
      all[i] = i;
    }
    return new WindowGrid(1, positions, positions, all, null);
  }

  /** Square windows of that side; an image that is not a multiple of it is padded. */
  static WindowGrid of(int height, int width, int side, int shift) {
    int rows = (height + side - 1) / side;
    int columns = (width + side - 1) / side;
    int[] positions = new int[rows * columns * side * side];
    int[] regions = shift > 0 ? new int[positions.length] : null;
    int at = 0;
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        for (int i = 0; i < side; i++) {
          for (int j = 0; j < side; j++) {
            int y = row * side + i;
            int x = column * side + j;
            if (shift > 0) {
              regions[at] = 3 * band(y, height, side, shift) + band(x, width, side, shift);
              positions[at] = (y + shift) % height * width + (x + shift) % width;
            } else {
              positions[at] = y < height && x < width ? y * width + x : PADDING;
            }
            at++;
          }
        }
      }
    }
    return new WindowGrid(height, width, side * side, positions, regions);
  }

  /** Which of three bands of the rolled image a row or column is in. */
  private static int band(int at, int size, int side, int shift) {
    if (at < size - side) {
      return 0;
    }
    return at < size - shift ? 1 : 2;
  }

  /** Whether it is one window, of the positions as they lie. */
  boolean isWhole() {
    return windows() == 1 && tokens == size() && height == 1;
  }

  /** Whether this grid is for images of that height and width. */
  boolean fits(long height, long width) {
    return this.height == height && this.width == width;
  }

  /** Positions of a sample. */
  int size() {
    return height * width;
  }

  /** Number of windows of a sample. */
  int windows() {
    return positions.length / tokens;
  }

  /** Tokens of a window. */
  int tokens() {
    return tokens;
  }

  /** Whether some token of a window is no position of the image. */
  boolean isPadded() {
    return positions.length > size();
  }

  /** The position that a token of a window is, or a negative number for padding. */
  int position(int window, int token) {
    return positions[window * tokens + token];
  }

  /** {@link #position} of every token of every window, one window behind the other. */
  int[] positions() {
    return positions;
  }

  /** The region of every token of every window, or null without a shift. */
  int[] regions() {
    return regions;
  }

  /** Whether windows hold positions that only the shift brought together. */
  boolean isMasked() {
    return regions != null;
  }

  /** Whether two tokens of a window were neighbours before the shift. */
  boolean together(int window, int a, int b) {
    return regions == null || regions[window * tokens + a] == regions[window * tokens + b];
  }
}
