package org.agr4j.layers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.agr4j.layers.cpu.RepeatedBlockLoop;
import org.agr4j.layers.cpu.RepeatedBlockLoop.Pass;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * One transformer block, applied several times with the same weights.
 *
 * <pre>
 * for each repeat:
 *   a = concatenated heads( softmax( q kᵀ / √d − 10000 (1 − mask of the key) ) v )
 *       q = x q.W + q.b, k and v likewise
 *   h = norm1( a + a proj.W + proj.b )
 *   x = norm2( h + GELU( h fc1.W + fc1.b ) fc2.W + fc2.b )
 * </pre>
 *
 * <p>The first residual joins the attention's output, not the block's input: that is how the
 * released code of the paper on AGR has it, unlike the first source. x and y: [N, T, C], d = C /
 * heads. Side input: the mask [N, T], 1 for keys that count; see {@link LinkedLayer}. Positions
 * that it leaves out still get an output.
 *
 * <p>Tensors: q.W, k.W, v.W, proj.W [C, C], fc1.W [C, F], fc2.W [F, C], weights; q.b … fc2.b,
 * biases; norm1.gamma, norm1.beta, norm2.gamma, norm2.beta [C], norms. There is one set of them,
 * whose gradient is the sum over the repeats: an optimizer sees each as one tensor. Kept for the
 * backward pass, for each repeat and position: 8 C + 2 F numbers, and one for each head.
 *
 * <pre>{@code
 * LinkedLayer.add(
 *     graph,
 *     "block",
 *     new RepeatedBlock.Builder().repeats(6).heads(1).feedForward(256).build(),
 *     "embedding",
 *     "mask");
 * }</pre>
 *
 * <p>Source: Lan et al., arXiv 1909.11942, section 3.1 (sharing); Vaswani et al., arXiv 1706.03762.
 */
public final class RepeatedBlock extends ChannelsLastLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty private int repeats;
  @JsonProperty private int heads;
  @JsonProperty private int feedForward;
  @JsonProperty private double epsilon;
  @JsonProperty private IWeightInit biasInitFn;

  /** The defaults. */
  public RepeatedBlock() {
    this(new Builder());
  }

  private RepeatedBlock(Builder builder) {
    super(builder);
    repeats = builder.repeats;
    heads = builder.heads;
    feedForward = builder.feedForward;
    epsilon = builder.epsilon;
    biasInitFn = builder.biasInitFn;
    initializeConstraints(builder);
  }

  /** Width F of the hidden layer. */
  private long hidden() {
    return feedForward == 0 ? 4 * nIn : feedForward;
  }

  @Override
  List<LayerTensor> tensors() {
    List<LayerTensor> tensors = new ArrayList<>();
    JointTensors.WEIGHTS.forEach(key -> tensors.add(matrix(key, nIn, nIn)));
    JointTensors.BIASES.forEach(key -> tensors.add(bias(key, nIn, nIn)));
    tensors.add(matrix(Attention.PROJECTION, nIn, nIn));
    tensors.add(bias(Attention.PROJECTION_BIAS, nIn, nIn));
    norm(tensors, "norm1");
    tensors.add(matrix("fc1.W", nIn, hidden()));
    tensors.add(bias("fc1.b", nIn, hidden()));
    tensors.add(matrix("fc2.W", hidden(), nIn));
    tensors.add(bias("fc2.b", hidden(), nIn));
    norm(tensors, "norm2");
    return tensors;
  }

  private LayerTensor matrix(String key, long in, long out) {
    return LayerTensor.matrix(key, in, out, weightInitFn);
  }

  private LayerTensor bias(String key, long in, long out) {
    IWeightInit initial = biasInitFn == null ? new WeightInitConstant(biasInit) : biasInitFn;
    return LayerTensor.vector(key, Role.BIAS, out, in, initial);
  }

  private void norm(List<LayerTensor> tensors, String name) {
    tensors.add(LayerTensor.vector(name + ".gamma", Role.NORM, nIn, 1));
    tensors.add(LayerTensor.vector(name + ".beta", Role.NORM, nIn, 0));
  }

  @Override
  List<Object> settings() {
    return List.of(repeats, heads, feedForward, epsilon, String.valueOf(biasInitFn));
  }

  @Override
  int sideInputs() {
    return 1;
  }

  @Override
  long channelsOf(InputType type) {
    if (!(type instanceof InputType.InputTypeRecurrent)) {
      throw wrongInput("expected recurrent input", type);
    }
    return super.channelsOf(type);
  }

  @Override
  public void setNIn(InputType inputType, boolean override) {
    super.setNIn(inputType, override);
    if (nIn % heads != 0) {
      throw wrongInput("expected channels that are a multiple of the heads, " + heads, inputType);
    }
  }

  @Override
  public long multiplyAdds(InputType inputType) {
    long elements = inputType.arrayElementsPerExample();
    long positions = elements / nIn;
    return repeats * (super.multiplyAdds(inputType) + 2 * elements * positions);
  }

  @Override
  long keptElements(InputType inputType) {
    long positions = inputType.arrayElementsPerExample() / nIn;
    return repeats * positions * (8 * nIn + 2 * hidden() + heads) - positions * nIn;
  }

  @Override
  LayerComputation<?> computation(NeuralNetConfiguration conf, DataType dataType) {
    return new Computation(conf, dataType);
  }

  /** Settings of a {@link RepeatedBlock}. */
  @SuppressWarnings("unchecked") // DL4J's build() answers whatever type is asked for
  public static final class Builder extends ChannelsLastLayer.Builder<Builder> {
    private int repeats = 1;
    private int heads = 1;
    private int feedForward;
    private double epsilon = LayerNorm.DEFAULT_EPSILON;
    private IWeightInit biasInitFn;

    /** Sets how often the block is applied; once by default. */
    public Builder repeats(int repeats) {
      this.repeats = Check.atLeast("repeats", repeats, 1);
      return this;
    }

    /** Sets the number of heads, a divisor of the channels; 1 by default. */
    public Builder heads(int heads) {
      this.heads = Check.atLeast("heads", heads, 1);
      return this;
    }

    /** Sets the width F of the hidden layer; 4 C by default. */
    public Builder feedForward(int feedForward) {
      this.feedForward = Check.atLeast("feedForward", feedForward, 1);
      return this;
    }

    /** Sets what the norms add to the variance, positive; 1e-5 by default. */
    public Builder epsilon(double epsilon) {
      this.epsilon = Check.positive("epsilon", epsilon);
      return this;
    }

    /** Draws the biases with the fan-in of their weights, in place of the constant biasInit. */
    public Builder biasInit(IWeightInit biasInit) {
      this.biasInitFn = biasInit;
      return this;
    }

    @Override
    public RepeatedBlock build() {
      return new RepeatedBlock(this);
    }
  }

  private static final class Computation extends LayerComputation<RepeatedBlock> {
    private static final long serialVersionUID = 1L;
    private static final BiasedActivation GELU = new BiasedActivation(new Gelu());

    private transient List<Pass> kept;
    private transient List<INDArray> inputs;
    private transient INDArray ofOneRepeat;
    private transient SequenceHeads heads;
    private transient RepeatedBlockLoop loop;

    Computation(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    void checkInput(INDArray x) {
      super.checkInput(x);
      if (x.rank() != 3) {
        throw new DL4JInvalidInputException(
            layerConf().described() + ": expected [N, T, C], found rank " + x.rank());
      }
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
      INDArray y = activations(workspaces, x.shape());
      ArrayType where = training ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM;
      repeat(x, y, training, where, workspaces);
      if (!training) {
        forget();
      }
      return y;
    }

    private void forget() {
      kept = null;
      inputs = null;
    }

    /** Applies the block again and again; keeps what the backward pass needs in training. */
    private void repeat(
        INDArray x, INDArray y, boolean keep, ArrayType where, LayerWorkspaceMgr workspaces) {
      boolean fast = isFast(x);
      kept = new ArrayList<>();
      inputs = new ArrayList<>();
      INDArray from = rows(x);
      for (int i = 0; i < layerConf().repeats; i++) {
        inputs.add(from);
        if (i == 0 || keep) {
          kept.add(pass(x, where, workspaces));
        }
        boolean last = i == layerConf().repeats - 1;
        INDArray to =
            last ? rows(y) : workspaces.createUninitialized(where, dataType, from.shape(), 'c');
        if (!fast) {
          apply(x, from, kept.get(kept.size() - 1), to, workspaces);
        }
        from = to;
      }
      if (fast) {
        List<Pass> passes = keep ? kept : Collections.nCopies(layerConf().repeats, kept.get(0));
        loop(x).forward(paramsFlattened, mask(x), inputs, passes, rows(y));
      }
    }

    /** Whether the fast loops are taken: the parameters as they lie, no noise. */
    private boolean isFast(INDArray x) {
      long c = layerConf().getNIn();
      return !hasNoise()
          && x.length() / c * Math.max(3 * c, layerConf().hidden()) <= Integer.MAX_VALUE / 4
          && RepeatedBlockLoop.usable(x, paramsFlattened, gradientsFlattened);
    }

    private RepeatedBlockLoop loop(INDArray x) {
      RepeatedBlock conf = layerConf();
      if (loop == null || !loop.fits(x.size(0), x.size(1))) {
        loop =
            new RepeatedBlockLoop(
                (int) x.size(0),
                (int) x.size(1),
                conf.heads,
                (int) conf.getNIn(),
                (int) conf.hidden(),
                conf.repeats,
                conf.epsilon);
      }
      return loop;
    }

    private Pass pass(INDArray x, ArrayType where, LayerWorkspaceMgr workspaces) {
      long n = rows(x).size(0);
      long c = layerConf().getNIn();
      long f = layerConf().hidden();
      return new Pass(
          array(where, workspaces, n, 3 * c),
          array(where, workspaces, x.size(0) * layerConf().heads, x.size(1)),
          array(where, workspaces, n, c),
          array(where, workspaces, n, c),
          array(where, workspaces, n, c),
          array(where, workspaces, n, f),
          array(where, workspaces, n, f),
          array(where, workspaces, n, c));
    }

    private INDArray array(ArrayType where, LayerWorkspaceMgr workspaces, long... shape) {
      return workspaces.createUninitialized(where, dataType, shape, 'c');
    }

    private SequenceHeads heads() {
      if (heads == null) {
        RepeatedBlock conf = layerConf();
        heads = new SequenceHeads(conf.heads, (int) conf.getNIn() / conf.heads);
      }
      return heads;
    }

    private INDArray mask(INDArray x) {
      return sideInput(0, x.size(0), x.size(1));
    }

    private void apply(
        INDArray x, INDArray from, Pass pass, INDArray to, LayerWorkspaceMgr workspaces) {
      Products.multiply(from, joint(workspaces), pass.qkv());
      heads().forward(pass.qkv(), jointBias(workspaces), mask(x), pass.a());

      Products.multiply(pass.a(), get(Attention.PROJECTION, workspaces), pass.s1());
      norm("norm1", pass.s1(), Attention.PROJECTION_BIAS, pass.a(), pass.h(), workspaces);

      Products.multiply(pass.h(), get("fc1.W", workspaces), pass.z());
      GELU.forward(pass.z(), get("fc1.b", workspaces), true, pass.g());
      Products.multiply(pass.g(), get("fc2.W", workspaces), pass.s2());
      norm("norm2", pass.s2(), "fc2.b", pass.h(), to, workspaces);
    }

    private void norm(
        String name,
        INDArray s,
        String bias,
        INDArray residual,
        INDArray to,
        LayerWorkspaceMgr workspaces) {
      RowNorm.forwardOfSum(
          s,
          get(bias, workspaces),
          residual,
          get(name + ".gamma", workspaces),
          get(name + ".beta", workspaces),
          layerConf().epsilon,
          to);
    }

    private INDArray get(String key, LayerWorkspaceMgr workspaces) {
      return tensor(key, true, workspaces);
    }

    private boolean hasNoise() {
      return layerConf().getWeightNoise() != null;
    }

    private INDArray joint(LayerWorkspaceMgr workspaces) {
      return hasNoise()
          ? joined(1, JointTensors.WEIGHTS, workspaces)
          : JointTensors.weights(paramsFlattened, layerConf().getNIn());
    }

    private INDArray jointBias(LayerWorkspaceMgr workspaces) {
      return hasNoise()
          ? joined(0, JointTensors.BIASES, workspaces)
          : JointTensors.biases(paramsFlattened, layerConf().getNIn());
    }

    private INDArray joined(int axis, List<String> keys, LayerWorkspaceMgr workspaces) {
      return Nd4j.concat(
          axis, keys.stream().map(key -> get(key, workspaces)).toArray(INDArray[]::new));
    }

    @Override
    INDArray backward(INDArray x, INDArray dy, LayerWorkspaceMgr workspaces) {
      if (kept == null) {
        INDArray again = scratch(workspaces, x.shape());
        repeat(x, again, true, ArrayType.BP_WORKING_MEM, workspaces);
      }
      INDArray dx = inputGradient(workspaces, x.shape());
      if (isFast(x)) {
        inputs.set(0, rows(x)); // forward's x may have been a copy
        loop(x)
            .backward(
                paramsFlattened, mask(x), inputs, kept, rows(dy), gradientsFlattened, rows(dx));
        forget();
        return dx;
      }
      INDArray gradient = rows(dy);
      for (int i = layerConf().repeats - 1; i >= 0; i--) {
        boolean first = i == layerConf().repeats - 1;
        INDArray flat = first ? gradientsFlattened : ofOneRepeat();
        Map<String, INDArray> views =
            first
                ? gradientViews
                : TensorInitializer.INSTANCE.getGradientsFromFlattened(conf, flat);
        INDArray to = i == 0 ? rows(dx) : scratch(workspaces, gradient.shape());
        INDArray from = i == 0 ? rows(x) : inputs.get(i); // forward's x may have been a copy
        back(x, from, kept.get(i), gradient, flat, views, to, workspaces);
        if (!first) {
          gradientsFlattened.addi(flat.reshape(gradientsFlattened.shape()));
        }
        gradient = to;
      }
      forget();
      return dx;
    }

    private INDArray ofOneRepeat() {
      if (ofOneRepeat == null) {
        ofOneRepeat = Nd4j.createUninitializedDetached(dataType, 'c', gradientsFlattened.length());
      }
      return ofOneRepeat;
    }

    /** Writes the gradient of one application's input, and its share of the tensors' gradients. */
    private void back(
        INDArray x,
        INDArray from,
        Pass pass,
        INDArray dy,
        INDArray flat,
        Map<String, INDArray> to,
        INDArray dx,
        LayerWorkspaceMgr workspaces) {
      INDArray ds2 = scratch(workspaces, pass.s2().shape());
      normBack("norm2", pass.s2(), dy, null, ds2, to, "fc2.b", workspaces);
      Products.transposedTimes(ds2, pass.g(), to.get("fc2.W").transpose());
      INDArray dz = scratch(workspaces, pass.z().shape());
      Products.timesTransposed(ds2, get("fc2.W", workspaces), dz);
      GELU.backward(pass.z(), get("fc1.b", workspaces), dz, dz, to.get("fc1.b"));
      Products.transposedTimes(dz, pass.h(), to.get("fc1.W").transpose());
      INDArray dh = scratch(workspaces, pass.h().shape());
      Products.timesTransposed(dz, get("fc1.W", workspaces), dh);

      INDArray ds1 = scratch(workspaces, pass.s1().shape());
      normBack("norm1", pass.s1(), dh, ds2, ds1, to, Attention.PROJECTION_BIAS, workspaces);
      Products.transposedTimes(ds1, pass.a(), to.get(Attention.PROJECTION).transpose());
      INDArray da = dh; // its memory
      Products.timesTransposed(ds1, get(Attention.PROJECTION, workspaces), da);
      da.addi(ds1);

      INDArray dQkv = scratch(workspaces, pass.qkv().shape());
      heads().backward(pass.qkv(), jointBias(workspaces), mask(x), da, dQkv);
      ChannelSum.sum(dQkv, JointTensors.biases(flat, layerConf().getNIn()));
      INDArray dJoint = JointTensors.weights(flat, layerConf().getNIn());
      Products.transposedTimes(dQkv, from, dJoint.transpose());
      Products.timesTransposed(dQkv, joint(workspaces), dx);
    }

    private void normBack(
        String name,
        INDArray s,
        INDArray dy,
        INDArray more,
        INDArray ds,
        Map<String, INDArray> to,
        String bias,
        LayerWorkspaceMgr workspaces) {
      RowNorm.backwardOfSum(
          s,
          get(name + ".gamma", workspaces),
          layerConf().epsilon,
          dy,
          more,
          ds,
          to.get(name + ".gamma"),
          to.get(name + ".beta"),
          to.get(bias));
    }

    @Override
    public void clear() {
      super.clear();
      forget();
    }
  }
}
