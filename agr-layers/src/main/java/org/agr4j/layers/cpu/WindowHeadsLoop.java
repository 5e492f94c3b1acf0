package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention within windows, from the joint product to the heads' outputs and back; a batch of such
 * small products is far from what a matrix library can do. All arrays are {@link FloatRows#usable}.
 *
 * <pre>
 * S = q kᵀ / √d + bias + mask    P = softmax of S over keys    o = P v
 * dv = Pᵀ do    dP = do vᵀ    dS = P ( dP − Σ over keys dP P )
 * dq = dS k / √d    dk = dSᵀ q / √d    dbias = Σ over windows dS
 * </pre>
 *
 * <p>A window's rows are copied to Java arrays once; they stay in the caches of the core that works
 * on the window. T is the number of its tokens, C = heads · d the channels.
 */
public final class WindowHeadsLoop {
  private static final float MASKED = -100f;
  private static final float LEFT_OUT = -10_000f;

  private final int[] positions;
  private final int[] regions;
  private final int tokens;
  private final int size;
  private final int heads;
  private final int width;
  private final boolean byHead;
  private final int samples;
  private final float scale;

  /**
   * Loops for one cut of a sample into windows.
   *
   * @param positions position of each token of each window, negative for padding; not modified
   * @param regions tokens of a window attend only within their region, or null; not modified
   * @param tokens T
   * @param size positions of a sample
   * @param heads number of heads
   * @param width d
   * @param byHead whether a row of the joint product is [heads, 3, d] rather than [3, heads, d]
   * @param samples number of samples
   */
  public WindowHeadsLoop(
      int[] positions,
      int[] regions,
      int tokens,
      int size,
      int heads,
      int width,
      boolean byHead,
      int samples) {
    this.positions = positions;
    this.regions = regions;
    this.tokens = tokens;
    this.size = size;
    this.heads = heads;
    this.width = width;
    this.byHead = byHead;
    this.samples = samples;
    this.scale = (float) (1 / Math.sqrt(width));
  }

  private int channels() {
    return heads * width;
  }

  private int windows() {
    return positions.length / tokens;
  }

  private int query(int head) {
    return byHead ? 3 * width * head : width * head;
  }

  private int step() {
    return byHead ? width : channels();
  }

  /** The row of a token: its position, or the one behind all positions for padding. */
  private int row(int window, int token) {
    int position = positions[window % windows() * tokens + token];
    return position < 0 ? samples * size : window / windows() * size + position;
  }

  /**
   * Writes P and o.
   *
   * @param qkv [rows, 3C]
   * @param bias [heads, T, T] or null
   * @param keyMask [samples, T], 1 for keys that count, or null
   * @param p [windows · heads, T, T]
   * @param o [positions, C]
   */
  public void forward(INDArray qkv, INDArray bias, INDArray keyMask, INDArray p, INDArray o) {
    FloatBuffer from = HostFloats.of(qkv);
    FloatBuffer probabilities = HostFloats.of(p);
    FloatBuffer to = HostFloats.of(o);
    float[] added = FloatRows.copy(bias);
    float[] keys = FloatRows.copy(keyMask);
    int c = channels();
    FloatRows.forEachChunk(
        samples * windows(),
        tokens * 3 * c,
        (chunk, first, end) -> {
          float[] rows = new float[tokens * 3 * c];
          float[] out = new float[tokens * c];
          float[] transposed = new float[width * tokens];
          float[] scores = new float[tokens * tokens];
          for (int window = first; window < end; window++) {
            load(from, window, rows, 3 * c);
            Arrays.fill(out, 0);
            for (int head = 0; head < heads; head++) {
              begin(scores, added, keys, head, window);
              int q = query(head);
              transpose(rows, 3 * c, q + step(), transposed);
              products(rows, 3 * c, q, scale, transposed, scores);
              softmax(scores);
              probabilities.put((window * heads + head) * scores.length, scores);
              combine(scores, rows, 3 * c, q + 2 * step(), 1, out, c, head * width);
            }
            store(to, window, out, c);
          }
        });
  }

  /**
   * Writes the gradients of the joint product and of the bias.
   *
   * @param dO [positions, C]
   * @param dBias [heads, T, T] or null
   */
  public void backward(INDArray qkv, INDArray p, INDArray dO, INDArray dQkv, INDArray dBias) {
    FloatBuffer from = HostFloats.of(qkv);
    FloatBuffer probabilities = HostFloats.of(p);
    FloatBuffer gradient = HostFloats.of(dO);
    FloatBuffer to = HostFloats.of(dQkv);
    int c = channels();
    int square = tokens * tokens;
    int chunks = FloatRows.chunks(samples * windows());
    float[][] padding = new float[chunks][3 * c];
    float[][] biases = new float[chunks][dBias == null ? 0 : heads * square];
    FloatRows.forEachChunk(
        samples * windows(),
        tokens * 3 * c,
        (chunk, first, end) -> {
          float[] rows = new float[tokens * 3 * c];
          float[] dRows = new float[tokens * 3 * c];
          float[] dOut = new float[tokens * c];
          float[] transposed = new float[width * tokens];
          float[] scores = new float[square];
          float[] dScores = new float[square];
          for (int window = first; window < end; window++) {
            load(from, window, rows, 3 * c);
            loadOutputs(gradient, window, dOut, c);
            Arrays.fill(dRows, 0);
            for (int head = 0; head < heads; head++) {
              int q = query(head);
              int k = q + step();
              int v = k + step();
              probabilities.get((window * heads + head) * square, scores);
              combineTransposed(scores, dOut, c, head * width, 1, dRows, 3 * c, v);
              Arrays.fill(dScores, 0);
              transpose(rows, 3 * c, v, transposed);
              products(dOut, c, head * width, 1, transposed, dScores);
              softmaxGradient(scores, dScores);
              if (dBias != null) {
                add(biases[chunk], head * square, dScores, square);
              }
              combine(dScores, rows, 3 * c, k, scale, dRows, 3 * c, q);
              combineTransposed(dScores, rows, 3 * c, q, scale, dRows, 3 * c, k);
            }
            storeGradients(to, window, dRows, 3 * c, padding[chunk]);
          }
        });
    if (dBias != null) {
      FloatRows.sumChunks(biases, dBias);
    }
    if (dQkv.size(0) > (long) samples * size) {
      float[] sum = new float[3 * c];
      for (float[] chunk : padding) {
        add(sum, 0, chunk, sum.length);
      }
      to.put(samples * size * 3 * c, sum);
    }
  }

  private void load(FloatBuffer from, int window, float[] rows, int n) {
    for (int token = 0; token < tokens; token++) {
      from.get(row(window, token) * n, rows, token * n, n);
    }
  }

  private void loadOutputs(FloatBuffer from, int window, float[] rows, int n) {
    int end = samples * size;
    for (int token = 0; token < tokens; token++) {
      int row = row(window, token);
      if (row < end) {
        from.get(row * n, rows, token * n, n);
      } else {
        Arrays.fill(rows, token * n, token * n + n, 0);
      }
    }
  }

  private void store(FloatBuffer to, int window, float[] rows, int n) {
    int end = samples * size;
    for (int token = 0; token < tokens; token++) {
      int row = row(window, token);
      if (row < end) {
        to.put(row * n, rows, token * n, n);
      }
    }
  }

  private void storeGradients(FloatBuffer to, int window, float[] rows, int n, float[] padding) {
    int end = samples * size;
    for (int token = 0; token < tokens; token++) {
      int row = row(window, token);
      if (row < end) {
        to.put(row * n, rows, token * n, n);
      } else {
        for (int i = 0; i < n; i++) {
          padding[i] += rows[token * n + i];
        }
      }
    }
  }

  /** Scores before the products: bias and masks. */
  private void begin(float[] scores, float[] bias, float[] keys, int head, int window) {
    if (bias == null) {
      Arrays.fill(scores, 0);
    } else {
      System.arraycopy(bias, head * scores.length, scores, 0, scores.length);
    }
    int first = window % windows() * tokens;
    if (regions != null) {
      for (int a = 0; a < tokens; a++) {
        for (int b = 0; b < tokens; b++) {
          if (regions[first + a] != regions[first + b]) {
            scores[a * tokens + b] += MASKED;
          }
        }
      }
    }
    if (keys != null) {
      for (int a = 0; a < tokens; a++) {
        for (int b = 0; b < tokens; b++) {
          scores[a * tokens + b] += (1 - keys[window * tokens + b]) * LEFT_OUT;
        }
      }
    }
  }

  /** [T, d] within rows to [d, T]. */
  private void transpose(float[] rows, int n, int column, float[] transposed) {
    for (int token = 0; token < tokens; token++) {
      for (int j = 0; j < width; j++) {
        transposed[j * tokens + token] = rows[token * n + column + j];
      }
    }
  }

  /** scores[a, b] += factor Σⱼ left[a, j] right[j, b]. */
  private void products(
      float[] left, int n, int column, float factor, float[] right, float[] scores) {
    for (int a = 0; a < tokens; a++) {
      int at = a * n + column;
      int j = 0;
      for (; j <= width - 4; j += 4) {
        addMultiples(
            scores,
            a * tokens,
            right,
            j * tokens,
            tokens,
            factor * left[at + j],
            factor * left[at + j + 1],
            factor * left[at + j + 2],
            factor * left[at + j + 3],
            tokens);
      }
      for (; j < width; j++) {
        addMultiple(scores, a * tokens, right, j * tokens, factor * left[at + j], tokens);
      }
    }
  }

  /** to[a, j] += factor Σ_b weights[a, b] from[b, j]. */
  private void combine(
      float[] weights,
      float[] from,
      int n,
      int column,
      float factor,
      float[] to,
      int m,
      int toColumn) {
    for (int a = 0; a < tokens; a++) {
      int at = a * tokens;
      int b = 0;
      for (; b <= tokens - 4; b += 4) {
        addMultiples(
            to,
            a * m + toColumn,
            from,
            b * n + column,
            n,
            factor * weights[at + b],
            factor * weights[at + b + 1],
            factor * weights[at + b + 2],
            factor * weights[at + b + 3],
            width);
      }
      for (; b < tokens; b++) {
        addMultiple(to, a * m + toColumn, from, b * n + column, factor * weights[at + b], width);
      }
    }
  }

  /** to[b, j] += factor Σ_a weights[a, b] from[a, j]. */
  private void combineTransposed(
      float[] weights,
      float[] from,
      int n,
      int column,
      float factor,
      float[] to,
      int m,
      int toColumn) {
    for (int b = 0; b < tokens; b++) {
      int a = 0;
      for (; a <= tokens - 4; a += 4) {
        int at = a * tokens + b;
        addMultiples(
            to,
            b * m + toColumn,
            from,
            a * n + column,
            n,
            factor * weights[at],
            factor * weights[at + tokens],
            factor * weights[at + 2 * tokens],
            factor * weights[at + 3 * tokens],
            width);
      }
      for (; a < tokens; a++) {
        addMultiple(
            to, b * m + toColumn, from, a * n + column, factor * weights[a * tokens + b], width);
      }
    }
  }

  private static void addMultiple(float[] to, int at, float[] x, int from, float a, int n) {
    for (int i = 0; i < n; i++) {
      to[at + i] += a * x[from + i];
    }
  }

  private static void addMultiples(
      float[] to,
      int at,
      float[] x,
      int from,
      int step,
      float a,
      float b,
      float c,
      float d,
      int n) {
    int second = from + step;
    int third = second + step;
    int fourth = third + step;
    for (int i = 0; i < n; i++) {
      to[at + i] += (a * x[from + i] + b * x[second + i]) + (c * x[third + i] + d * x[fourth + i]);
    }
  }

  private static void add(float[] to, int at, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      to[at + i] += x[i];
    }
  }

  private void softmax(float[] scores) {
    for (int at = 0; at < scores.length; at += tokens) {
      float max = scores[at];
      for (int i = 1; i < tokens; i++) {
        max = Math.max(max, scores[at + i]);
      }
      for (int i = 0; i < tokens; i++) {
        scores[at + i] = GeluLoop.exp(scores[at + i] - max);
      }
      float sum = 0;
      for (int i = 0; i < tokens; i++) {
        sum += scores[at + i];
      }
      float inverse = 1 / sum;
      for (int i = 0; i < tokens; i++) {
        scores[at + i] *= inverse;
      }
    }
  }

  /** dP becomes dS. */
  private void softmaxGradient(float[] p, float[] dp) {
    for (int at = 0; at < p.length; at += tokens) {
      float sum = 0;
      for (int i = 0; i < tokens; i++) {
        sum += p[at + i] * dp[at + i];
      }
      for (int i = 0; i < tokens; i++) {
        dp[at + i] = p[at + i] * (dp[at + i] - sum);
      }
    }
  }
}
