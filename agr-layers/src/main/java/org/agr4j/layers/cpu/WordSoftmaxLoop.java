package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Softmax and cross entropy of rows of logits over a vocabulary, each row in one pass through the
 * cache. All arrays are {@link FloatRows#usable}.
 *
 * <p>A row is cut into pieces that are Java arrays of their own, so that sums over it are vector
 * code: element by element over the pieces first.
 */
public final class WordSoftmaxLoop {
  private static final int PIECE = 512;
  private static final int PARTS = 4; // of the rows

  private final int words;
  private final float[][] bias;
  private final float[][][] rows;

  /**
   * Loops for one vocabulary; keeps the memory that they work in.
   *
   * @param words V
   */
  public WordSoftmaxLoop(int words) {
    this.words = words;
    bias = pieces();
    rows = new float[PARTS][][];
    for (int part = 0; part < PARTS; part++) {
      rows[part] = pieces();
    }
  }

  private float[][] pieces() {
    float[][] pieces = new float[(words + PIECE - 1) / PIECE][];
    for (int i = 0; i < pieces.length; i++) {
      pieces[i] = new float[Math.min(PIECE, words - i * PIECE)];
    }
    return pieces;
  }

  /** Whether these loops are for so many words. */
  public boolean fits(long words) {
    return this.words == words;
  }

  /**
   * Begins a batch: takes the bias.
   *
   * @param bias [V], not modified
   */
  public void begin(INDArray bias) {
    load(HostFloats.of(bias), 0, this.bias);
  }

  /**
   * Cross entropy and likeliest word of each row.
   *
   * @param logits [rows, V] without the bias, not modified
   * @param truth the word of row {@code first + i} of the batch is that of row i
   * @param first where the block begins
   * @param loss receives those of the block's rows
   * @param best receives those of the block's rows
   */
  public void answers(INDArray logits, int[] truth, int first, double[] loss, int[] best) {
    FloatBuffer buffer = HostFloats.of(logits);
    forEachPart(
        FloatRows.rows(logits),
        (part, row) -> {
          float[][] pieces = rows[part];
          load(buffer, row * words, pieces);
          int word = truth[first + row];
          float logit = at(pieces, word) + at(bias, word);
          float max = addBias(pieces);
          best[first + row] = indexOf(pieces, max);
          loss[first + row] = max + Math.log(exponentials(pieces, max)) - logit;
        });
  }

  private void forEachPart(int rows, Work work) {
    IntStream all = IntStream.range(0, PARTS);
    (Nd4j.getEnvironment().maxThreads() > 1 ? all.parallel() : all)
        .forEach(
            part -> {
              int end = rows * (part + 1) / PARTS;
              for (int row = rows * part / PARTS; row < end; row++) {
                work.work(part, row);
              }
            });
  }

  private interface Work {
    void work(int part, int row);
  }

  private static float at(float[][] pieces, int word) {
    return pieces[word / PIECE][word % PIECE];
  }

  private static int indexOf(float[][] pieces, float value) {
    for (int i = 0; i < pieces.length; i++) {
      for (int j = 0; j < pieces[i].length; j++) {
        if (pieces[i][j] == value) {
          return i * PIECE + j;
        }
      }
    }
    return 0; // nothing but NaN
  }

  private static void load(FloatBuffer from, int at, float[][] pieces) {
    for (int i = 0; i < pieces.length; i++) {
      from.get(at + i * PIECE, pieces[i]);
    }
  }

  /** Adds the bias; answers the largest. */
  private float addBias(float[][] pieces) {
    float[] max = null;
    for (int i = 0; i < pieces.length; i++) {
      GeluLoop.add(pieces[i], bias[i], bias[i].length);
      if (max == null) {
        max = pieces[i].clone();
      } else {
        max(max, pieces[i], pieces[i].length);
      }
    }
    float most = Float.NEGATIVE_INFINITY;
    for (float value : max) {
      most = Math.max(most, value);
    }
    return most;
  }

  /** Each becomes e to it less the largest; answers their sum. */
  private static double exponentials(float[][] pieces, float max) {
    float[] sums = new float[pieces[0].length];
    for (float[] piece : pieces) {
      exp(piece, max, piece.length);
      GeluLoop.add(sums, piece, piece.length);
    }
    double sum = 0;
    for (float value : sums) {
      sum += value;
    }
    return sum;
  }

  private static void max(float[] max, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      max[i] = Math.max(max[i], x[i]);
    }
  }

  private static void exp(float[] x, float less, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = FloatExp.exp(x[i] - less);
    }
  }
}
