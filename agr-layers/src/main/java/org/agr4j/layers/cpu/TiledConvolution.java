package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A 3×3 convolution of stride 1 and padding 1 and its gradients in tiles of 4×4 positions, with 36
 * products of matrices in place of 144 for each tile, F(4×4, 3×3):
 *
 * <pre>
 * V = Bᵀ d B    U = G w Gᵀ    y = Aᵀ (V U) A             d the 6×6 inputs of a tile
 * dx likewise from dy, with w turned by 180° and its channels exchanged
 * dU = (A dy Aᵀ)ᵀ V, summed over tiles    dw = Gᵀ dU G
 * </pre>
 *
 * <p>oneDNN 2.3, which is inside ND4J 1.0.0-M2.1, has this for batches of 16 and more ({@link
 * WinogradConvolution}), and less than that it computes directly. Images x are [N, H, W, C], of any
 * sides, weights w [K, 3, 3, C]; all arrays are {@link FloatRows#usable}. Memory while it runs: 36
 * numbers for each tile and channel of x and of y, and for each filter.
 *
 * <p>Rounding: up to 5.2e-6 of the largest number of a result was seen, most in dw.
 *
 * <p>Results do not depend on the number of threads beyond what ND4J's products do.
 *
 * <p>Source: Lavin and Gray, arXiv 1509.09308, section 4.3.
 */
public final class TiledConvolution {
  private static final int STEP = 4;
  private static final int WINDOW = 6;
  private static final int POINTS = WINDOW * WINDOW;
  private static final int SIDE = 3;
  private static final int ONE_DNN_BATCH = 16;
  private static final int LEAST_CHANNELS = 64;
  private static final long LEAST_TILES = 32;
  private static final long MOST_NUMBERS = 1 << 25; // 128 MB

  private final Function<long[], INDArray> memory;
  private final int samples;
  private final int height;
  private final int width;
  private final int rows; // of tiles
  private final int columns;

  /**
   * For images of one size.
   *
   * @param samples N
   * @param height H
   * @param width W
   * @param memory makes an array of a shape, which is not used after the call
   */
  public TiledConvolution(
      long samples, long height, long width, Function<long[], INDArray> memory) {
    this.memory = memory;
    this.samples = Math.toIntExact(samples);
    this.height = Math.toIntExact(height);
    this.width = Math.toIntExact(width);
    this.rows = (this.height + STEP - 1) / STEP;
    this.columns = (this.width + STEP - 1) / STEP;
  }

  /** Whether this is the fastest way for images x and weights w. */
  public static boolean pays(INDArray x, INDArray w) {
    long tiles = x.size(0) * ((x.size(1) + STEP - 1) / STEP) * ((x.size(2) + STEP - 1) / STEP);
    long inputs = x.size(3);
    long outputs = w.size(0);
    return x.size(0) < ONE_DNN_BATCH
        && inputs >= LEAST_CHANNELS
        && outputs >= LEAST_CHANNELS
        && tiles >= LEAST_TILES
        && POINTS * (tiles * (inputs + outputs) + inputs * outputs) <= MOST_NUMBERS;
  }

  /** Writes y [N, H, W, K]. */
  public void forward(INDArray x, INDArray w, INDArray y) {
    INDArray filters = filters(w, false);
    INDArray v = inputs(x);
    INDArray m = points(w.size(0));
    multiply(v, false, filters, true, m);
    outputs(m, y);
  }

  /** Writes dx and dw for x, w and dy. */
  public void backward(INDArray x, INDArray w, INDArray dy, INDArray dx, INDArray dw) {
    INDArray m = points(x.size(3));
    multiply(inputs(dy), false, filters(w, true), false, m);
    outputs(m, dx);
    INDArray gradients = memory.apply(new long[] {POINTS, w.size(0), w.size(3)});
    multiply(outputGradients(dy), true, inputs(x), false, gradients);
    filterGradients(gradients, dw);
  }

  private static void multiply(
      INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray out) {
    Mmul product = new Mmul(a, b, transposeA, transposeB, false);
    product.addOutputArgument(out);
    Nd4j.exec(product);
  }

  private INDArray points(long channels) {
    return memory.apply(new long[] {POINTS, tiles(), channels});
  }

  private long tiles() {
    return (long) samples * rows * columns;
  }

  /** V [36, tiles, channels] of images. */
  private INDArray inputs(INDArray images) {
    INDArray v = points(images.size(3));
    FloatBuffer from = HostFloats.of(images);
    FloatBuffer to = HostFloats.of(v);
    forEachRun(
        FloatRows.columns(images),
        (place, tile, n) -> {
          place.load(from, WINDOW, 1, tile, n);
          place.transform(TiledConvolution::toInputs, WINDOW, WINDOW, n);
          place.storePoints(to, tile, n);
        });
    return v;
  }

  /** A dy Aᵀ [36, tiles, channels]. */
  private INDArray outputGradients(INDArray dy) {
    INDArray v = points(dy.size(3));
    FloatBuffer from = HostFloats.of(dy);
    FloatBuffer to = HostFloats.of(v);
    forEachRun(
        FloatRows.columns(dy),
        (place, tile, n) -> {
          place.load(from, STEP, 0, tile, n);
          place.transform(TiledConvolution::toOutputGradients, STEP, WINDOW, n);
          place.storePoints(to, tile, n);
        });
    return v;
  }

  /** Images of m [36, tiles, channels]. */
  private void outputs(INDArray m, INDArray images) {
    FloatBuffer from = HostFloats.of(m);
    FloatBuffer to = HostFloats.of(images);
    forEachRun(
        FloatRows.columns(images),
        (place, tile, n) -> {
          place.loadPoints(from, tile, n);
          place.transform(TiledConvolution::toOutputs, WINDOW, STEP, n);
          place.store(to, tile, n);
        });
  }

  /** U [36, K, C]; of the turned filters for the gradient of the input. */
  private INDArray filters(INDArray w, boolean turned) {
    int outputs = Math.toIntExact(w.size(0));
    int inputs = FloatRows.columns(w);
    INDArray u = memory.apply(new long[] {POINTS, outputs, inputs});
    FloatBuffer from = HostFloats.of(w);
    FloatBuffer to = HostFloats.of(u);
    FloatRows.forEachChunk(
        outputs,
        inputs * POINTS,
        (chunk, first, end) -> {
          Place place = new Place(inputs, inputs);
          for (int output = first; output < end; output++) {
            for (int i = 0; i < SIDE; i++) {
              for (int j = 0; j < SIDE; j++) {
                int tap = turned ? (SIDE - 1 - i) * SIDE + SIDE - 1 - j : i * SIDE + j;
                from.get((output * SIDE * SIDE + tap) * inputs, place.from[i][j]);
              }
            }
            place.transform(TiledConvolution::toFilters, SIDE, WINDOW, inputs);
            for (int point = 0; point < POINTS; point++) {
              to.put((point * outputs + output) * inputs, place.of(point));
            }
          }
        });
    return u;
  }

  private void filterGradients(INDArray du, INDArray dw) {
    int outputs = Math.toIntExact(dw.size(0));
    int inputs = FloatRows.columns(dw);
    FloatBuffer from = HostFloats.of(du);
    FloatBuffer to = HostFloats.of(dw);
    FloatRows.forEachChunk(
        outputs,
        inputs * POINTS,
        (chunk, first, end) -> {
          Place place = new Place(inputs, inputs);
          for (int output = first; output < end; output++) {
            for (int point = 0; point < POINTS; point++) {
              from.get(
                  (point * outputs + output) * inputs, place.from[point / WINDOW][point % WINDOW]);
            }
            place.transform(TiledConvolution::toFilterGradients, WINDOW, SIDE, inputs);
            for (int tap = 0; tap < SIDE * SIDE; tap++) {
              to.put((output * SIDE * SIDE + tap) * inputs, place.to[tap / SIDE][tap % SIDE]);
            }
          }
        });
  }

  /** Has every run of tiles of one row done; {@code tile} is its first. */
  private void forEachRun(int channels, Run work) {
    int together = Math.min(columns, FloatRows.rowsTogether(channels));
    Queue<Place> places = new ConcurrentLinkedQueue<>();
    FloatRows.forEachChunk(
        samples * rows,
        columns * channels * POINTS,
        (chunk, first, end) -> {
          Place free = places.poll();
          Place place = free == null ? new Place(channels, together * channels) : free;
          for (int row = first; row < end; row++) {
            for (int column = 0; column < columns; column += together) {
              work.work(
                  place, row * columns + column, Math.min(together, columns - column) * channels);
            }
          }
          places.add(place);
        });
  }

  private interface Run {
    void work(Place place, int tile, int n);
  }

  /** A linear combination of arrays, element by element. */
  private interface Combination {
    void write(float[][] from, float[][] to, int n);
  }

  /** Memory of one thread: a number for each place of a square, tile and channel. */
  private final class Place {
    final int channels;
    final float[][][] from;
    final float[][][] between;
    final float[][][] to;
    final float[] line;
    final float[][] source = new float[WINDOW][];
    final float[][] target = new float[WINDOW][];

    Place(int channels, int length) {
      this.channels = channels;
      this.from = new float[WINDOW][WINDOW][length];
      this.between = new float[WINDOW][WINDOW][length];
      this.to = new float[WINDOW][WINDOW][length];
      this.line = new float[width * channels];
    }

    float[] of(int point) {
      return to[point / WINDOW][point % WINDOW];
    }

    /** Columns first, then rows. */
    void transform(Combination f, int size, int result, int n) {
      for (int j = 0; j < size; j++) {
        for (int i = 0; i < size; i++) {
          source[i] = from[i][j];
        }
        for (int i = 0; i < result; i++) {
          target[i] = between[i][j];
        }
        f.write(source, target, n);
      }
      for (int i = 0; i < result; i++) {
        f.write(between[i], to[i], n);
      }
    }

    /** Squares of {@code size} around neighbouring tiles, with zeros beside the image. */
    void load(FloatBuffer images, int size, int margin, int tile, int n) {
      int top = tile / columns % rows * STEP - margin;
      int left = tile % columns * STEP - margin;
      int sample = tile / columns / rows;
      for (int i = 0; i < size; i++) {
        boolean inside = top + i >= 0 && top + i < height;
        if (inside) {
          images.get((sample * height + top + i) * width * channels, line);
        }
        for (int j = 0; j < size; j++) {
          for (int at = 0, x = left + j; at < n; at += channels, x += STEP) {
            if (inside && x >= 0 && x < width) {
              System.arraycopy(line, x * channels, from[i][j], at, channels);
            } else {
              Arrays.fill(from[i][j], at, at + channels, 0);
            }
          }
        }
      }
    }

    /** Tiles of an image, as far as they are inside of it. */
    void store(FloatBuffer images, int tile, int n) {
      int top = tile / columns % rows * STEP;
      int left = tile % columns * STEP;
      int sample = tile / columns / rows;
      int end = Math.min(width, left + n / channels * STEP);
      for (int i = 0; i < STEP && top + i < height; i++) {
        for (int x = left; x < end; x++) {
          int at = (x - left) / STEP * channels;
          System.arraycopy(to[i][(x - left) % STEP], at, line, (x - left) * channels, channels);
        }
        images.put(
            ((sample * height + top + i) * width + left) * channels,
            line,
            0,
            (end - left) * channels);
      }
    }

    void loadPoints(FloatBuffer points, int tile, int n) {
      int all = Math.toIntExact(tiles());
      for (int point = 0; point < POINTS; point++) {
        points.get((point * all + tile) * channels, from[point / WINDOW][point % WINDOW], 0, n);
      }
    }

    void storePoints(FloatBuffer points, int tile, int n) {
      int all = Math.toIntExact(tiles());
      for (int point = 0; point < POINTS; point++) {
        points.put((point * all + tile) * channels, of(point), 0, n);
      }
    }
  }

  // Bᵀ
  private static void toInputs(float[][] d, float[][] t, int n) {
    outer(d[0], d[2], d[4], t[0], n);
    outer(d[1], d[3], d[5], t[5], n);
    pair(d[1], d[2], d[3], d[4], 1f, 4f, t[1], t[2], n);
    pair(d[1], d[2], d[3], d[4], 2f, 1f, t[3], t[4], n);
  }

  private static void outer(float[] a, float[] b, float[] c, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] = 4f * a[i] - 5f * b[i] + c[i];
    }
  }

  /** (d − f b) ± odd (c − f a): with odd 1, f 4, and odd 2, f 1, the inner rows of Bᵀ. */
  private static void pair(
      float[] a, float[] b, float[] c, float[] d, float odd, float f, float[] u, float[] v, int n) {
    for (int i = 0; i < n; i++) {
      float even = d[i] - f * b[i];
      float other = odd * (c[i] - f * a[i]);
      u[i] = even + other;
      v[i] = even - other;
    }
  }

  // Aᵀ
  private static void toOutputs(float[][] m, float[][] o, int n) {
    sum(m[0], m[1], m[2], m[3], m[4], o[0], n);
    difference(m[1], m[2], m[3], m[4], o[1], n);
    evens(m[1], m[2], m[3], m[4], o[2], n);
    last(m[1], m[2], m[3], m[4], m[5], o[3], n);
  }

  private static void sum(
      float[] a, float[] b, float[] c, float[] d, float[] e, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] = a[i] + (b[i] + c[i]) + (d[i] + e[i]);
    }
  }

  private static void difference(float[] a, float[] b, float[] c, float[] d, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] = a[i] - b[i] + 2f * (c[i] - d[i]);
    }
  }

  private static void evens(float[] a, float[] b, float[] c, float[] d, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] = a[i] + b[i] + 4f * (c[i] + d[i]);
    }
  }

  private static void last(
      float[] a, float[] b, float[] c, float[] d, float[] e, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] = a[i] - b[i] + 8f * (c[i] - d[i]) + e[i];
    }
  }

  // A
  private static void toOutputGradients(float[][] y, float[][] p, int n) {
    System.arraycopy(y[0], 0, p[0], 0, n);
    System.arraycopy(y[3], 0, p[5], 0, n);
    ofFour(y[0], y[1], y[2], y[3], 1f, p[1], p[2], n);
    ofFour(y[0], y[1], y[2], y[3], 2f, p[3], p[4], n);
  }

  /** The polynomial a + b x + c x² + d x³ at x and −x. */
  private static void ofFour(
      float[] a, float[] b, float[] c, float[] d, float x, float[] u, float[] v, int n) {
    float square = x * x;
    float cube = square * x;
    for (int i = 0; i < n; i++) {
      float even = a[i] + square * c[i];
      float odd = x * b[i] + cube * d[i];
      u[i] = even + odd;
      v[i] = even - odd;
    }
  }

  // G
  private static void toFilters(float[][] g, float[][] u, int n) {
    scale(g[0], 0.25f, u[0], n);
    System.arraycopy(g[2], 0, u[5], 0, n);
    ofThree(g[0], g[1], g[2], -1f / 6, -1f / 6, -1f / 6, u[1], u[2], n);
    ofThree(g[0], g[1], g[2], 1f / 24, 1f / 12, 1f / 6, u[3], u[4], n);
  }

  private static void scale(float[] x, float factor, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] = factor * x[i];
    }
  }

  private static void ofThree(
      float[] a, float[] b, float[] c, float f, float g, float h, float[] u, float[] v, int n) {
    for (int i = 0; i < n; i++) {
      float even = f * a[i] + h * c[i];
      float odd = g * b[i];
      u[i] = even + odd;
      v[i] = even - odd;
    }
  }

  // Gᵀ
  private static void toFilterGradients(float[][] u, float[][] g, int n) {
    firstTap(u[0], u[1], u[2], u[3], u[4], g[0], n);
    middleTap(u[1], u[2], u[3], u[4], g[1], n);
    lastTap(u[1], u[2], u[3], u[4], u[5], g[2], n);
  }

  private static void firstTap(
      float[] a, float[] b, float[] c, float[] d, float[] e, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] = 0.25f * a[i] - 1f / 6 * (b[i] + c[i]) + 1f / 24 * (d[i] + e[i]);
    }
  }

  private static void middleTap(float[] a, float[] b, float[] c, float[] d, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] = 1f / 6 * (b[i] - a[i]) + 1f / 12 * (c[i] - d[i]);
    }
  }

  private static void lastTap(
      float[] a, float[] b, float[] c, float[] d, float[] e, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] = 1f / 6 * ((c[i] + d[i]) - (a[i] + b[i])) + e[i];
    }
  }
}
