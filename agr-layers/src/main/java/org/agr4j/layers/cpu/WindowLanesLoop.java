package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention within small windows, as {@link WindowHeadsLoop}, for many windows and heads at once.
 * All arrays are {@link FloatRows#usable}.
 *
 * <p>In a window of 4×4 or 7×7 positions every loop over tokens or over a head's width is too short
 * for vector code. Here the innermost loop goes over lanes, one for each head of each window of a
 * group: element j of token t of all lanes is an array of its own, and every product of matrices a
 * sum of products of such arrays. Rows are turned into lanes and back, one token at a time.
 */
public final class WindowLanesLoop {
  /** Tokens of the largest window for which this is faster than {@link WindowHeadsLoop}. */
  public static final int MOST_TOKENS = 49;

  private static final int LANES = 128;
  private static final int GROUPS = 4; // a multiple of it: threads finish at the same time
  private static final float MASKED = -100f;
  private static final ThreadLocal<Lanes> LANES_OF_THREAD = ThreadLocal.withInitial(Lanes::new);

  private final int[] positions;
  private final int[] regions;
  private final int tokens;
  private final int size;
  private final int heads;
  private final int width;
  private final boolean byHead;
  private final int samples;
  private final int windows;
  private final int together;
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
  public WindowLanesLoop(
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
    windows = samples * (positions.length / tokens);
    int fewest = Math.max(1, LANES / heads);
    int groups = ((windows + fewest - 1) / fewest + GROUPS - 1) / GROUPS * GROUPS;
    together = Math.max(1, (windows + groups - 1) / groups);
  }

  private int groups() {
    return (windows + together - 1) / together;
  }

  /**
   * Writes P and o.
   *
   * @param qkv [rows, 3C]
   * @param bias [heads, T, T] or null
   * @param p [windows · heads, T, T]
   * @param o [positions, C]
   */
  public void forward(INDArray qkv, INDArray bias, INDArray p, INDArray o) {
    FloatBuffer from = HostFloats.of(qkv);
    FloatBuffer probabilities = HostFloats.of(p);
    FloatBuffer to = HostFloats.of(o);
    float[] added = FloatRows.copy(bias);
    FloatRows.forEachChunk(
        groups(),
        together * tokens * 3 * heads * width,
        (chunk, first, end) -> {
          Lanes lanes = LANES_OF_THREAD.get();
          lanes.ensure(tokens, width, together * heads);
          for (int group = first; group < end; group++) {
            Group g = new Group(group);
            g.load(from, lanes);
            g.begin(lanes.s, added);
            products(lanes.s, lanes.q, lanes.k, g.n);
            for (int a = 0; a < tokens; a++) {
              softmax(lanes, a, g.n);
            }
            g.storeProbabilities(probabilities, lanes);
            lanes.clear(lanes.dq, g.n);
            combine(lanes.dq, lanes.s, tokens, 1, lanes.v, g.n);
            g.storeOutputs(to, lanes);
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
    int chunks = FloatRows.chunks(groups());
    float[][] padding = new float[chunks][3 * heads * width];
    float[][] biases = new float[chunks][dBias == null ? 0 : heads * tokens * tokens];
    FloatRows.forEachChunk(
        groups(),
        together * tokens * 3 * heads * width,
        (chunk, first, end) -> {
          Lanes lanes = LANES_OF_THREAD.get();
          lanes.ensure(tokens, width, together * heads);
          for (int group = first; group < end; group++) {
            Group g = new Group(group);
            g.load(from, lanes);
            g.loadOutputGradients(gradient, lanes);
            g.loadProbabilities(probabilities, lanes);
            lanes.clear(lanes.ds, g.n);
            products(lanes.ds, lanes.dO, lanes.v, g.n);
            lanes.clear(lanes.dv, g.n);
            combine(lanes.dv, lanes.s, 1, tokens, lanes.dO, g.n);
            for (int a = 0; a < tokens; a++) {
              softmaxGradient(lanes, a, g.n);
            }
            if (dBias != null) {
              g.addBias(lanes.ds, biases[chunk]);
            }
            lanes.clear(lanes.dq, g.n);
            combine(lanes.dq, lanes.ds, tokens, 1, lanes.k, g.n);
            lanes.clear(lanes.dk, g.n);
            combine(lanes.dk, lanes.ds, 1, tokens, lanes.q, g.n);
            g.storeGradients(to, lanes, padding[chunk]);
          }
        });
    if (dBias != null) {
      FloatRows.sumChunks(biases, dBias);
    }
    if (dQkv.size(0) > (long) samples * size) {
      float[] sum = new float[3 * heads * width];
      for (float[] chunk : padding) {
        GeluLoop.add(sum, chunk, sum.length);
      }
      to.put(samples * size * sum.length, sum);
    }
  }

  /** to[a, b] += Σⱼ x[a, j] y[b, j]. */
  private void products(float[][] to, float[][] x, float[][] y, int n) {
    for (int a = 0; a < tokens; a++) {
      for (int b = 0; b < tokens; b++) {
        addProducts(to[a * tokens + b], x, a * width, 1, y, b * width, 1, width, n);
      }
    }
  }

  /** to[a, j] += Σ_b weights[a, b] from[b, j], where the steps are those of a and b. */
  private void combine(float[][] to, float[][] weights, int row, int step, float[][] from, int n) {
    for (int a = 0; a < tokens; a++) {
      for (int j = 0; j < width; j++) {
        addProducts(to[a * width + j], weights, a * row, step, from, j, width, tokens, n);
      }
    }
  }

  private static void addProducts(
      float[] to, float[][] x, int a, int xStep, float[][] y, int b, int yStep, int terms, int n) {
    int i = 0;
    for (; i <= terms - 3; i += 3) {
      DepthwiseLoop.addProducts(
          to,
          x[a + i * xStep],
          y[b + i * yStep],
          x[a + (i + 1) * xStep],
          y[b + (i + 1) * yStep],
          x[a + (i + 2) * xStep],
          y[b + (i + 2) * yStep],
          n);
    }
    for (; i < terms; i++) {
      ChannelLoop.addProducts(to, x[a + i * xStep], y[b + i * yStep], n);
    }
  }

  private void softmax(Lanes lanes, int a, int n) {
    float[] max = lanes.first;
    float[] sum = lanes.second;
    System.arraycopy(lanes.s[a * tokens], 0, max, 0, n);
    for (int b = 1; b < tokens; b++) {
      max(max, lanes.s[a * tokens + b], n);
    }
    Arrays.fill(sum, 0, n, 0);
    for (int b = 0; b < tokens; b++) {
      float[] score = lanes.s[a * tokens + b];
      exp(score, max, n);
      GeluLoop.add(sum, score, n);
    }
    invert(sum, n);
    for (int b = 0; b < tokens; b++) {
      multiply(lanes.s[a * tokens + b], sum, n);
    }
  }

  /** dP becomes dS. */
  private void softmaxGradient(Lanes lanes, int a, int n) {
    float[] sum = lanes.first;
    Arrays.fill(sum, 0, n, 0);
    for (int b = 0; b < tokens; b++) {
      ChannelLoop.addProducts(sum, lanes.s[a * tokens + b], lanes.ds[a * tokens + b], n);
    }
    for (int b = 0; b < tokens; b++) {
      slope(lanes.ds[a * tokens + b], lanes.s[a * tokens + b], sum, n);
    }
  }

  private static void max(float[] max, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      max[i] = Math.max(max[i], x[i]);
    }
  }

  private static void exp(float[] x, float[] max, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = GeluLoop.exp(x[i] - max[i]);
    }
  }

  private static void invert(float[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = 1 / x[i];
    }
  }

  private static void multiply(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= y[i];
    }
  }

  private static void slope(float[] dp, float[] p, float[] sum, int n) {
    for (int i = 0; i < n; i++) {
      dp[i] = p[i] * (dp[i] - sum[i]);
    }
  }

  /** What a thread works with; element [t, j] or [a, b] of all lanes is an array. */
  private static final class Lanes {
    private int length;
    private float[][] q = {};
    private float[][] k;
    private float[][] v;
    private float[][] dO;
    private float[][] dq;
    private float[][] dk;
    private float[][] dv;
    private float[][] s = {};
    private float[][] ds;
    private float[] first;
    private float[] second;

    private void ensure(int tokens, int width, int lanes) {
      boolean longer = lanes > length;
      length = Math.max(length, lanes);
      if (longer || tokens * width > q.length) {
        int count = Math.max(tokens * width, q.length);
        q = new float[count][length];
        k = new float[count][length];
        v = new float[count][length];
        dO = new float[count][length];
        dq = new float[count][length];
        dk = new float[count][length];
        dv = new float[count][length];
      }
      if (longer || tokens * tokens > s.length) {
        int count = Math.max(tokens * tokens, s.length);
        s = new float[count][length];
        ds = new float[count][length];
        first = new float[length];
        second = new float[length];
      }
    }

    private void clear(float[][] arrays, int n) {
      for (float[] array : arrays) {
        Arrays.fill(array, 0, n, 0);
      }
    }
  }

  /** Some windows, all of whose heads are lanes. */
  private final class Group {
    private final int first;
    private final int count;
    private final int n;
    private final int[] head; // of a lane
    private final int[] at; // where a lane's query begins in rows of the joint product
    private final int[] out; // where its output begins in rows of outputs

    private Group(int group) {
      first = group * together;
      count = Math.min(together, windows - first);
      n = count * heads;
      head = new int[n];
      at = new int[n];
      out = new int[n];
      for (int lane = 0; lane < n; lane++) {
        head[lane] = lane % heads;
        int begin = byHead ? 3 * head[lane] : head[lane];
        at[lane] = (lane / heads * 3 * heads + begin) * width;
        out[lane] = lane * width;
      }
    }

    /** The row of a token: its position, or the one behind all positions for padding. */
    private int row(int window, int token) {
      int perSample = positions.length / tokens;
      int position = positions[(first + window) % perSample * tokens + token];
      return position < 0 ? samples * size : (first + window) / perSample * size + position;
    }

    private int step() {
      return byHead ? width : heads * width;
    }

    private void load(FloatBuffer from, Lanes lanes) {
      int length = 3 * heads * width;
      int step = step();
      float[] rows = new float[count * length];
      for (int token = 0; token < tokens; token++) {
        for (int window = 0; window < count; window++) {
          from.get(row(window, token) * length, rows, window * length, length);
        }
        for (int j = 0; j < width; j++) {
          float[] q = lanes.q[token * width + j];
          float[] k = lanes.k[token * width + j];
          float[] v = lanes.v[token * width + j];
          for (int lane = 0; lane < n; lane++) {
            int i = at[lane] + j;
            q[lane] = scale * rows[i];
            k[lane] = rows[i + step];
            v[lane] = rows[i + 2 * step];
          }
        }
      }
    }

    private void loadOutputGradients(FloatBuffer from, Lanes lanes) {
      int length = heads * width;
      float[] rows = new float[count * length];
      for (int token = 0; token < tokens; token++) {
        for (int window = 0; window < count; window++) {
          int row = row(window, token);
          if (row < samples * size) {
            from.get(row * length, rows, window * length, length);
          } else {
            Arrays.fill(rows, window * length, (window + 1) * length, 0);
          }
        }
        for (int j = 0; j < width; j++) {
          float[] to = lanes.dO[token * width + j];
          for (int lane = 0; lane < n; lane++) {
            to[lane] = rows[out[lane] + j];
          }
        }
      }
    }

    private void storeOutputs(FloatBuffer to, Lanes lanes) {
      int length = heads * width;
      float[] rows = new float[count * length];
      for (int token = 0; token < tokens; token++) {
        for (int j = 0; j < width; j++) {
          float[] from = lanes.dq[token * width + j];
          for (int lane = 0; lane < n; lane++) {
            rows[out[lane] + j] = from[lane];
          }
        }
        for (int window = 0; window < count; window++) {
          int row = row(window, token);
          if (row < samples * size) {
            to.put(row * length, rows, window * length, length);
          }
        }
      }
    }

    private void storeGradients(FloatBuffer to, Lanes lanes, float[] padding) {
      int length = 3 * heads * width;
      int step = step();
      float[] rows = new float[count * length];
      for (int token = 0; token < tokens; token++) {
        for (int j = 0; j < width; j++) {
          float[] q = lanes.dq[token * width + j];
          float[] k = lanes.dk[token * width + j];
          float[] v = lanes.dv[token * width + j];
          for (int lane = 0; lane < n; lane++) {
            int i = at[lane] + j;
            rows[i] = scale * q[lane];
            rows[i + step] = k[lane];
            rows[i + 2 * step] = v[lane];
          }
        }
        for (int window = 0; window < count; window++) {
          int row = row(window, token);
          if (row < samples * size) {
            to.put(row * length, rows, window * length, length);
          } else {
            for (int i = 0; i < length; i++) {
              padding[i] += rows[window * length + i];
            }
          }
        }
      }
    }

    /** Scores before the products: bias and mask. */
    private void begin(float[][] s, float[] bias) {
      int square = tokens * tokens;
      int perSample = positions.length / tokens;
      for (int pair = 0; pair < square; pair++) {
        float[] score = s[pair];
        for (int lane = 0; lane < n; lane++) {
          score[lane] = bias == null ? 0 : bias[head[lane] * square + pair];
        }
        if (regions != null) {
          for (int window = 0; window < count; window++) {
            int region = (first + window) % perSample * tokens;
            if (regions[region + pair / tokens] != regions[region + pair % tokens]) {
              for (int lane = window * heads; lane < (window + 1) * heads; lane++) {
                score[lane] += MASKED;
              }
            }
          }
        }
      }
    }

    private void addBias(float[][] ds, float[] sums) {
      int square = tokens * tokens;
      for (int pair = 0; pair < square; pair++) {
        float[] score = ds[pair];
        for (int h = 0; h < heads; h++) {
          float sum = 0;
          for (int lane = h; lane < n; lane += heads) {
            sum += score[lane];
          }
          sums[h * square + pair] += sum;
        }
      }
    }

    private void storeProbabilities(FloatBuffer to, Lanes lanes) {
      int square = tokens * tokens;
      float[] p = new float[n * square];
      for (int pair = 0; pair < square; pair++) {
        float[] from = lanes.s[pair];
        for (int lane = 0; lane < n; lane++) {
          p[lane * square + pair] = from[lane];
        }
      }
      to.put(first * heads * square, p);
    }

    private void loadProbabilities(FloatBuffer from, Lanes lanes) {
      int square = tokens * tokens;
      float[] p = new float[n * square];
      from.get(first * heads * square, p);
      for (int pair = 0; pair < square; pair++) {
        float[] to = lanes.s[pair];
        for (int lane = 0; lane < n; lane++) {
          to[lane] = p[lane * square + pair];
        }
      }
    }
  }
}
