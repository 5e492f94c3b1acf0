package org.agr4j.layers.cpu;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * All repeats of a transformer block, sequence by sequence: a thread takes a sequence through the
 * whole of it, forward or backward, so that threads wait for each other once each way. For the
 * formula see {@link org.agr4j.layers.RepeatedBlock}. All arrays are {@link FloatRows#usable}.
 *
 * <p>Gradients of the tensors are summed over the repeats and over a chunk of the sequences, and
 * those of the chunks in their order: the number of threads does not change them.
 */
public final class RepeatedBlockLoop {
  private static final int ROWS = 256; // at a time: their hidden layer is 256 KB at width 256

  private final int samples;
  private final int tokens;
  private final int heads;
  private final int repeats;
  private final double epsilon;
  private final BlockTensors at;
  private final Queue<Workplace> workplaces = new ConcurrentLinkedQueue<>();
  private HostMatrix ofChunks;

  /**
   * What one application leaves behind.
   *
   * @param qkv [N T, 3C], here with its bias
   * @param logSums [N heads, T], what the attention's backward pass needs
   * @param a the heads' outputs [N T, C]
   * @param s1 what norm1 sees [N T, C]
   * @param h behind norm1 [N T, C]
   * @param z h fc1.W [N T, F]
   * @param g GELU of that with the bias [N T, F]
   * @param s2 what norm2 sees [N T, C]
   */
  public record Pass(
      INDArray qkv,
      INDArray logSums,
      INDArray a,
      INDArray s1,
      INDArray h,
      INDArray z,
      INDArray g,
      INDArray s2) {}

  /**
   * Loops for arrays of one shape; keeps the memory that they work in.
   *
   * @param samples N
   * @param tokens T, positions of a sequence
   * @param heads number of heads
   * @param channels C
   * @param hidden F
   * @param repeats how often the block is applied
   * @param epsilon what the norms add to the variance
   */
  public RepeatedBlockLoop(
      int samples, int tokens, int heads, int channels, int hidden, int repeats, double epsilon) {
    this.samples = samples;
    this.tokens = tokens;
    this.heads = heads;
    this.repeats = repeats;
    this.epsilon = epsilon;
    this.at = new BlockTensors(channels, hidden);
  }

  /** Whether arrays are such that these loops may be taken, and there is what they need. */
  public static boolean usable(INDArray... arrays) {
    return FloatRows.usable(arrays) && CoreProducts.available();
  }

  /** Whether these loops are for arrays of that shape. */
  public boolean fits(long samples, long tokens) {
    return this.samples == samples && this.tokens == tokens;
  }

  /**
   * Applies the block.
   *
   * @param params all tensors as DL4J has them, not modified
   * @param mask [N, T], 1 for keys that count; not modified
   * @param inputs [N T, C] of each repeat; those behind the first are written
   * @param passes receive what each repeat leaves, or all the same
   * @param y receives the output [N T, C]
   */
  public void forward(
      INDArray params, INDArray mask, List<INDArray> inputs, List<Pass> passes, INDArray y) {
    HostMatrix tensors = HostMatrix.of(params, 1);
    Vectors vectors = new Vectors(tensors.buffer, null);
    float[] counts = FloatRows.copy(mask);
    forEachChunk(
        (chunk, first, end, place) -> {
          for (int i = 0; i < repeats; i++) {
            Matrices m = new Matrices(inputs.get(i), passes.get(i));
            HostMatrix to = HostMatrix.of(i == repeats - 1 ? y : inputs.get(i + 1));
            for (int sample = first; sample < end; sample++) {
              place.attention.setMask(counts, sample * tokens);
              forward(sample, m, to, tensors, vectors, place);
            }
          }
        });
  }

  private void forward(
      int sample, Matrices m, HostMatrix to, HostMatrix w, Vectors v, Workplace place) {
    int c = at.channels;
    int f = at.hidden;
    int sequence = sample * tokens;
    BlockRows rows = place.rows;
    for (int row = sequence; row < sequence + tokens; row += ROWS) {
      int n = Math.min(ROWS, sequence + tokens - row);
      times(n, m.x, row, w.at(at.joint), 3 * c, m.qkv);
      rows.add(m.qkv, row, n, v.jointBias);
    }
    place.attention.forward(m.qkv, sample, m.a, m.logSums);
    for (int row = sequence; row < sequence + tokens; row += ROWS) {
      int n = Math.min(ROWS, sequence + tokens - row);
      times(n, m.a, row, w.at(at.projection), c, m.s1);
      rows.normOfSum(m.s1, m.a, m.h, row, n, v.norm1);
      times(n, m.h, row, w.at(at.first), f, m.z);
      rows.gelu(m.z, m.g, row, n, v.firstBias);
      times(n, m.g, row, w.at(at.second), c, m.s2);
      rows.normOfSum(m.s2, m.h, to, row, n, v.norm2);
    }
  }

  /** y ← x W for some rows; DL4J's matrix [in, out] in order 'f' is [out, in] by rows. */
  private static void times(int n, HostMatrix x, int row, long weight, int out, HostMatrix y) {
    CoreProducts.timesTransposed(
        n, out, x.width, 1, x.at(row), x.width, weight, x.width, 0, y.at(row), out);
  }

  /**
   * Writes the gradients of the input and of all tensors.
   *
   * @param inputs as {@link #forward} left them, as the passes, each repeat its own; not modified
   * @param dy [N T, C], not modified
   * @param gradient receives the tensors', laid out like {@code params}
   * @param dx receives the input's [N T, C]
   */
  public void backward(
      INDArray params,
      INDArray mask,
      List<INDArray> inputs,
      List<Pass> passes,
      INDArray dy,
      INDArray gradient,
      INDArray dx) {
    HostMatrix tensors = HostMatrix.of(params, 1);
    HostMatrix from = HostMatrix.of(dy);
    HostMatrix to = HostMatrix.of(dx);
    float[] counts = FloatRows.copy(mask);
    int chunks = FloatRows.chunks(samples);
    if (ofChunks == null) {
      ofChunks = HostMatrix.scratch(chunks, at.length);
    }
    VectorSums[] sums = new VectorSums[chunks];
    forEachChunk(
        (chunk, first, end, place) -> {
          sums[chunk] = new VectorSums(at);
          Vectors vectors = new Vectors(tensors.buffer, sums[chunk]);
          for (int i = repeats - 1; i >= 0; i--) {
            Matrices m = new Matrices(inputs.get(i), passes.get(i));
            for (int sample = first; sample < end; sample++) {
              place.attention.setMask(counts, sample * tokens);
              place.keep = sample == first && i == repeats - 1 ? 0 : 1;
              place.chunk = chunk;
              backward(sample, m, i == repeats - 1 ? from : to, to, tensors, vectors, place);
            }
          }
          vectors.norm1.addUp();
          vectors.norm2.addUp();
        });
    sumMatrices(HostFloats.of(gradient), chunks);
    VectorSums.store(sums, at, HostFloats.of(gradient));
  }

  private void backward(
      int sample,
      Matrices m,
      HostMatrix dy,
      HostMatrix dx,
      HostMatrix w,
      Vectors v,
      Workplace place) {
    int c = at.channels;
    int f = at.hidden;
    int sequence = sample * tokens;
    float keep = place.keep;
    BlockRows rows = place.rows;
    for (int t = 0; t < tokens; t += ROWS) {
      int n = Math.min(ROWS, tokens - t);
      int row = sequence + t;
      rows.normBackward(m.s2, row, dy, row, null, place.ds2, null, 0, n, v.norm2);
      addGradient(n, place.ds2, m.g, row, place.chunk, at.second, keep);
      CoreProducts.multiply(
          n, f, c, 1, place.ds2.at(0), c, w.at(at.second), f, 0, place.dz.at(0), f);
      rows.geluBackward(m.z, row, place.dz, n, v.firstBias, v.sums.firstBias);
      addGradient(n, place.dz, m.h, row, place.chunk, at.first, keep);
      CoreProducts.multiply(n, c, f, 1, place.dz.at(0), f, w.at(at.first), c, 0, place.dh.at(0), c);

      rows.normBackward(m.s1, row, place.dh, 0, place.ds2, place.ds1, place.da, t, n, v.norm1);
      addGradient(n, place.ds1, m.a, row, place.chunk, at.projection, keep);
      CoreProducts.multiply(
          n, c, c, 1, place.ds1.at(0), c, w.at(at.projection), c, 1, place.da.at(t), c);
      keep = 1;
    }
    place.attention.backward(m.qkv, sample, m.a, m.logSums, place.da, place.dQkv);
    rows.sum(place.dQkv, tokens, v.sums.jointBias);
    addGradient(tokens, place.dQkv, m.x, sequence, place.chunk, at.joint, place.keep);
    CoreProducts.multiply(
        tokens, c, 3 * c, 1, place.dQkv.at(0), 3 * c, w.at(at.joint), c, 0, dx.at(sequence), c);
  }

  /** Adds dyᵀ x to a matrix of a chunk's gradient, or writes it where nothing is kept. */
  private void addGradient(
      int n, HostMatrix dy, HostMatrix x, int row, int chunk, int matrix, float keep) {
    CoreProducts.transposedTimes(
        dy.width,
        x.width,
        n,
        1,
        dy.at(0),
        dy.width,
        x.at(row),
        x.width,
        keep,
        ofChunks.at(chunk, matrix),
        x.width);
  }

  private void sumMatrices(FloatBuffer to, int chunks) {
    float[] sum = new float[FloatRows.LENGTH];
    float[] piece = new float[FloatRows.LENGTH];
    for (int first = 0; first < at.length; first += sum.length) {
      int n = Math.min(sum.length, at.length - first);
      ofChunks.buffer.get(first, sum, 0, n);
      for (int chunk = 1; chunk < chunks; chunk++) {
        ofChunks.buffer.get(ofChunks.index(chunk) + first, piece, 0, n);
        GeluLoop.add(sum, piece, n);
      }
      to.put(first, sum, 0, n);
    }
  }

  /** Has all chunks of the sequences done, each by one thread. */
  private void forEachChunk(Work work) {
    CoreProducts.run(
        () ->
            FloatRows.forEachChunk(
                samples,
                tokens * at.channels,
                (chunk, first, end) -> {
                  Workplace place = workplaces.poll();
                  if (place == null) {
                    place = new Workplace();
                  }
                  work.work(chunk, first, end, place);
                  workplaces.add(place);
                }));
  }

  private interface Work {
    void work(int chunk, int first, int end, Workplace place);
  }

  /** The matrices of one repeat. */
  private static final class Matrices {
    final HostMatrix x;
    final HostMatrix qkv;
    final HostMatrix logSums;
    final HostMatrix a;
    final HostMatrix s1;
    final HostMatrix h;
    final HostMatrix z;
    final HostMatrix g;
    final HostMatrix s2;

    Matrices(INDArray x, Pass pass) {
      this.x = HostMatrix.of(x);
      qkv = HostMatrix.of(pass.qkv());
      logSums = HostMatrix.of(pass.logSums());
      a = HostMatrix.of(pass.a());
      s1 = HostMatrix.of(pass.s1());
      h = HostMatrix.of(pass.h());
      z = HostMatrix.of(pass.z());
      g = HostMatrix.of(pass.g());
      s2 = HostMatrix.of(pass.s2());
    }
  }

  /** The block's vectors, as often as the loops want them, and where their gradients go. */
  private final class Vectors {
    final float[] jointBias;
    final float[] firstBias;
    final BlockRows.Norm norm1;
    final BlockRows.Norm norm2;
    final VectorSums sums;

    Vectors(FloatBuffer params, VectorSums sums) {
      this.sums = sums == null ? new VectorSums(at) : sums;
      jointBias = vector(params, at.jointBias, 3 * at.channels);
      firstBias = vector(params, at.firstBias, at.hidden);
      norm1 = norm(params, at.projectionBias, at.norm1, this.sums.norm1);
      norm2 = norm(params, at.secondBias, at.norm2, this.sums.norm2);
    }

    private BlockRows.Norm norm(FloatBuffer params, int bias, int gamma, double[][] sums) {
      int c = at.channels;
      return new BlockRows.Norm(
          epsilon,
          vector(params, bias, c),
          vector(params, gamma, c),
          vector(params, gamma + c, c),
          sums[0],
          sums[1],
          sums[2]);
    }

    private float[] vector(FloatBuffer params, int first, int n) {
      float[] vector = new float[n];
      params.get(first, vector);
      return BlockRows.repeated(vector);
    }
  }

  /** Memory of one thread. */
  private final class Workplace {
    final SampleAttention attention = new SampleAttention(tokens, heads, at.channels / heads);
    final BlockRows rows = new BlockRows(Math.max(at.hidden, 3 * at.channels));
    final HostMatrix ds2 = part(at.channels);
    final HostMatrix dz = part(at.hidden);
    final HostMatrix dh = part(at.channels);
    final HostMatrix ds1 = part(at.channels);
    final HostMatrix da = HostMatrix.scratch(tokens, at.channels);
    final HostMatrix dQkv = HostMatrix.scratch(tokens, 3 * at.channels);
    int chunk;
    float keep;

    private HostMatrix part(int width) {
      return HostMatrix.scratch(Math.min(tokens, ROWS), width);
    }
  }
}
