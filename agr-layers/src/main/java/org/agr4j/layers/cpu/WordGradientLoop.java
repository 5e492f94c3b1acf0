package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Cross entropy over a vocabulary whose logits are products with a table, and its gradients. All
 * arrays are {@link RepeatedBlockLoop#usable}.
 *
 * <pre>
 * l = d tableᵀ + b    cross entropy = log Σ exp l − l[word]
 * dl = weight (softmax l − 1 at the word)
 * dd = dl table    dtable = dlᵀ d    db = Σ over rows dl
 * </pre>
 *
 * <p>Logits are made twice, a tile of words and rows at a time that stays in a core's cache: once
 * for each row's sum of exponentials, once for the gradients. Written to memory, they would be read
 * from there four times. A tile lies word by word, so that the softmax of its rows is one of long
 * loops. The bias is the table's last column, and d has a last column of 1.
 *
 * <p>Words are cut into the same chunks whatever the number of threads. Each writes its own rows of
 * the table's gradient; sums over words are added chunk by chunk in order.
 */
public final class WordGradientLoop {
  private static final int WORDS = 256;
  private static final int MOST_ROWS = 192;

  private final int words;
  private final int width;
  private final int tiles;
  private final Queue<Workplace> workplaces = new ConcurrentLinkedQueue<>();
  private HostMatrix ofChunks;

  /**
   * Loops for one vocabulary; keeps the memory that they work in.
   *
   * @param words V
   * @param width E
   */
  public WordGradientLoop(int words, int width) {
    this.words = words;
    this.width = width;
    this.tiles = (words + WORDS - 1) / WORDS;
  }

  /** Whether these loops are for such a table. */
  public boolean fits(INDArray table) {
    return table.size(0) == words && table.size(1) == width;
  }

  /**
   * Writes the gradients.
   *
   * @param d [rows, E], not modified
   * @param table [V, E], not modified
   * @param bias [V], not modified
   * @param truth the word of each row
   * @param weights of each row
   * @param dD receives dd [rows, E]
   * @param dTable receives dtable [V, E], or null
   * @param dBias receives db [V]
   * @return Σ of weight · cross entropy
   */
  public double gradient(
      INDArray d,
      INDArray table,
      INDArray bias,
      int[] truth,
      double[] weights,
      INDArray dD,
      INDArray dTable,
      INDArray dBias) {
    Batch batch = new Batch(d, table, bias, truth, weights);
    int chunks = FloatRows.chunks(tiles);
    float[][] max = new float[tiles][batch.rows];
    float[][] sum = new float[tiles][batch.rows];
    float[] atTruth = new float[batch.rows];
    if (ofChunks == null || ofChunks.width != batch.rows * width) {
      ofChunks = HostMatrix.scratch(chunks, batch.rows * width);
    }
    FloatBuffer ofTable = dTable == null ? null : HostFloats.of(dTable);
    FloatBuffer ofBias = HostFloats.of(dBias);
    double[] loss = new double[1];
    CoreProducts.run(
        () -> {
          forEachChunk(
              batch.rows,
              (chunk, first, end, place) -> {
                for (int tile = first; tile < end; tile++) {
                  place.load(batch, tile);
                  for (int row = 0; row < batch.rows; row += batch.block) {
                    place.sum(batch, row, max[tile], sum[tile], atTruth);
                  }
                }
              });
          loss[0] = finish(batch, max, sum, atTruth);
          forEachChunk(
              batch.rows,
              (chunk, first, end, place) -> {
                for (int tile = first; tile < end; tile++) {
                  place.load(batch, tile);
                  for (int row = 0; row < batch.rows; row += batch.block) {
                    place.gradient(
                        batch, row, ofChunks.at(chunk, row * width), tile == first ? 0 : 1);
                  }
                  place.store(ofTable, ofBias);
                }
              });
        });
    sumChunks(chunks, HostFloats.of(dD));
    return loss[0];
  }

  /** Writes each row's log Σ exp l; answers the loss. */
  private static double finish(Batch batch, float[][] max, float[][] sum, float[] atTruth) {
    double loss = 0;
    for (int row = 0; row < batch.rows; row++) {
      float most = Float.NEGATIVE_INFINITY;
      for (float[] tile : max) {
        most = Math.max(most, tile[row]);
      }
      double total = 0;
      for (int tile = 0; tile < max.length; tile++) {
        total += sum[tile][row] * Math.exp(max[tile][row] - most);
      }
      double logSum = most + Math.log(total);
      batch.logSums[row] = (float) logSum;
      loss += batch.weights[row] * (logSum - atTruth[row]);
    }
    return loss;
  }

  private void sumChunks(int chunks, FloatBuffer to) {
    float[] sum = new float[ofChunks.width];
    float[] piece = new float[ofChunks.width];
    ofChunks.buffer.get(0, sum);
    for (int chunk = 1; chunk < chunks; chunk++) {
      ofChunks.buffer.get(ofChunks.index(chunk), piece);
      GeluLoop.add(sum, piece, sum.length);
    }
    to.put(0, sum);
  }

  private void forEachChunk(int rows, Work work) {
    FloatRows.forEachChunk(
        tiles,
        WORDS * rows,
        (chunk, first, end) -> {
          Workplace place = workplaces.poll();
          if (place == null || place.block < rows && place.block < MOST_ROWS) {
            place = new Workplace(Math.min(rows, MOST_ROWS));
          }
          work.work(chunk, first, end, place);
          workplaces.add(place);
        });
  }

  private interface Work {
    void work(int chunk, int first, int end, Workplace place);
  }

  /** Rows of a batch, with a last column of 1. */
  private static final class Batch {
    final int rows;
    final int block;
    final HostMatrix d;
    final HostMatrix table;
    final FloatBuffer bias;
    final int[] truth;
    final double[] weights;
    final float[] factors;
    final float[] logSums;

    Batch(INDArray d, INDArray table, INDArray bias, int[] truth, double[] weights) {
      rows = FloatRows.rows(d);
      int blocks = (rows + MOST_ROWS - 1) / MOST_ROWS;
      block = (rows + blocks - 1) / blocks;
      this.table = HostMatrix.of(table);
      this.bias = HostFloats.of(bias);
      this.truth = truth;
      this.weights = weights;
      factors = new float[rows];
      logSums = new float[rows];
      int n = FloatRows.columns(d);
      this.d = HostMatrix.scratch(rows, n + 1);
      FloatBuffer from = HostFloats.of(d);
      float[] row = new float[n + 1];
      row[n] = 1;
      for (int i = 0; i < rows; i++) {
        from.get(i * n, row, 0, n);
        this.d.buffer.put(this.d.index(i), row);
        factors[i] = (float) weights[i];
      }
    }
  }

  /** Memory of one thread. */
  private final class Workplace {
    final int block;
    final HostMatrix logits;

    /** Some rows of the table, with the bias as last column; then their gradient. */
    final HostMatrix part = HostMatrix.scratch(WORDS, width + 1);

    final HostMatrix dPart = HostMatrix.scratch(WORDS, width + 1);
    final float[] lanes = new float[WORDS * (width + 1)];
    final float[] packed = new float[WORDS * width];
    final float[] biases = new float[WORDS];
    final float[] piece;
    final float[] max;
    final float[] sum;
    int word;
    int count;
    boolean begun;

    Workplace(int block) {
      this.block = block;
      logits = HostMatrix.scratch(WORDS, block);
      piece = new float[FloatRows.LENGTH + block];
      max = new float[FloatRows.LENGTH + block];
      sum = new float[FloatRows.LENGTH + block];
    }

    /** Takes a tile's words. */
    void load(Batch batch, int tile) {
      word = tile * WORDS;
      count = Math.min(WORDS, words - word);
      begun = false;
      batch.table.buffer.get(batch.table.index(word), packed, 0, count * width);
      batch.bias.get(word, biases, 0, count);
      for (int i = 0; i < count; i++) {
        System.arraycopy(packed, i * width, lanes, i * (width + 1), width);
        lanes[i * (width + 1) + width] = biases[i];
      }
      part.buffer.put(0, lanes, 0, count * (width + 1));
    }

    /** Makes the logits [words, n]; answers n. */
    private int makeLogits(Batch batch, int row) {
      int n = Math.min(batch.block, batch.rows - row);
      int k = width + 1;
      CoreProducts.timesTransposed(
          count, n, k, 1, part.at(0), k, batch.d.at(row), k, 0, logits.at(0), n);
      return n;
    }

    void sum(Batch batch, int row, float[] maxima, float[] sums, float[] atTruth) {
      int n = makeLogits(batch, row);
      for (int i = row; i < row + n; i++) {
        int at = batch.truth[i] - word;
        if (at >= 0 && at < count) {
          atTruth[i] = logits.buffer.get(at * n + i - row);
        }
      }
      int together = Math.min(count, FloatRows.rowsTogether(n));
      Arrays.fill(max, 0, together * n, Float.NEGATIVE_INFINITY);
      for (int i = 0; i < count; i += together) {
        int length = Math.min(together, count - i) * n;
        logits.buffer.get(i * n, piece, 0, length);
        max(max, piece, length);
      }
      for (int i = n; i < together * n; i += n) {
        for (int j = 0; j < n; j++) {
          max[j] = Math.max(max[j], max[i + j]);
        }
      }
      repeat(max, n, together);
      Arrays.fill(sum, 0, together * n, 0);
      for (int i = 0; i < count; i += together) {
        int length = Math.min(together, count - i) * n;
        logits.buffer.get(i * n, piece, 0, length);
        expOfDifference(piece, max, length);
        GeluLoop.add(sum, piece, length);
      }
      for (int j = 0; j < n; j++) {
        float total = sum[j];
        for (int i = n; i < together * n; i += n) {
          total += sum[i + j];
        }
        maxima[row + j] = max[j];
        sums[row + j] = total;
      }
    }

    /** Adds to the gradient of the tile's words, and to that of some rows where any is kept. */
    void gradient(Batch batch, int row, long dD, float keep) {
      int n = makeLogits(batch, row);
      int together = Math.min(count, FloatRows.rowsTogether(n));
      System.arraycopy(batch.logSums, row, max, 0, n);
      System.arraycopy(batch.factors, row, sum, 0, n);
      repeat(max, n, together);
      repeat(sum, n, together);
      for (int i = 0; i < count; i += together) {
        int length = Math.min(together, count - i) * n;
        logits.buffer.get(i * n, piece, 0, length);
        expOfDifference(piece, max, length);
        multiply(piece, sum, length);
        logits.buffer.put(i * n, piece, 0, length);
      }
      for (int i = row; i < row + n; i++) {
        int at = batch.truth[i] - word;
        if (at >= 0 && at < count) {
          int index = at * n + i - row;
          logits.buffer.put(index, logits.buffer.get(index) - batch.factors[i]);
        }
      }
      int k = width + 1;
      CoreProducts.multiply(
          count, k, n, 1, logits.at(0), n, batch.d.at(row), k, begun ? 1 : 0, dPart.at(0), k);
      CoreProducts.transposedTimes(
          n, width, count, 1, logits.at(0), n, batch.table.at(word), width, keep, dD, width);
      begun = true;
    }

    /** Writes the gradient of the tile's words. */
    void store(FloatBuffer ofTable, FloatBuffer ofBias) {
      dPart.buffer.get(0, lanes, 0, count * (width + 1));
      for (int i = 0; i < count; i++) {
        System.arraycopy(lanes, i * (width + 1), packed, i * width, width);
        biases[i] = lanes[i * (width + 1) + width];
      }
      if (ofTable != null) {
        ofTable.put(word * width, packed, 0, count * width);
      }
      ofBias.put(word, biases, 0, count);
    }
  }

  /** The first n elements once more, until they are there so many times. */
  private static void repeat(float[] x, int n, int times) {
    for (int i = n; i < times * n; i += n) {
      System.arraycopy(x, 0, x, i, n);
    }
  }

  private static void max(float[] max, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      max[i] = Math.max(max[i], x[i]);
    }
  }

  private static void expOfDifference(float[] x, float[] less, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = FloatExp.exp(x[i] - less[i]);
    }
  }

  private static void multiply(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= y[i];
    }
  }
}
