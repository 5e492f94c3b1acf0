package org.agr4j.zoo;

import java.util.List;
import java.util.Objects;
import org.agr4j.layers.FirstPosition;
import org.agr4j.layers.GatheredPositions;
import org.agr4j.layers.Gelu;
import org.agr4j.layers.LayerNorm;
import org.agr4j.layers.LinkedLayer;
import org.agr4j.layers.MaskedWordOutput;
import org.agr4j.layers.PositionwiseDense;
import org.agr4j.layers.RepeatedBlock;
import org.agr4j.layers.SequenceEmbedding;
import org.agr4j.layers.TokenEmbedding;
import org.agr4j.updater.AdamWAgr;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.deeplearning4j.nn.weights.WeightInitUniform;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * ALBERT as the paper on AGR trained it: a factorised embedding, one transformer block applied
 * several times, a head that predicts masked words and one that tells the order of two sentences.
 *
 * <p>It is the paper's released code, not Google's ALBERT: positions and segments are added behind
 * the embedding's projection, a block's first residual joins the attention's output, GELU is exact,
 * initial values are PyTorch's defaults.
 *
 * <p>Inputs of the graph, in this order and in the network's type: {@code tokens}, {@code segments}
 * and {@code mask} [N, T] with T ≤ length (mask 1 for real tokens), {@code masked_positions} [N,
 * P]. Outputs, in this order:
 *
 * <ul>
 *   <li>{@code mlm}, logits [N, P, V]; labels are words [N, P] as whole numbers, the label mask [N,
 *       P] their weights. Loss: Σ weight · cross entropy / (N P), where places of weight 0 count.
 *   <li>{@code sop}, probabilities [N, 2]; labels one-hot [N, 2], class 1 for sentences in order.
 *       Loss: the mean cross entropy.
 * </ul>
 *
 * <p>The score is the sum of both losses. {@link #answers} tells what a network makes of a batch
 * without its N · P · V logits.
 *
 * <p>The table of words is one tensor, used at both ends. {@code mlm_decoder.W} begins as the
 * transpose of {@code embed2_W}: separate from it as in the paper's runs, or the same tensor if
 * {@code tied}, as ALBERT means it.
 *
 * <pre>{@code
 * ComputationGraph network = Albert.builder().vocabulary(8000).length(128).build().init();
 * }</pre>
 *
 * <p>Source: Lan et al., arXiv 1909.11942; He et al., arXiv 2407.16944, section 5.4.
 */
public final class Albert {
  private static final double EPSILON = 1e-12;
  private static final int SEGMENTS = 2;

  private final Builder builder;

  private Albert(Builder builder) {
    this.builder = builder;
  }

  /** The released sizes; change what differs. */
  public static Builder builder() {
    return new Builder();
  }

  /** The network with its initial weights, which the seed determines. */
  public ComputationGraph init() {
    ComputationGraph graph = new ComputationGraph(conf());
    graph.init();
    return graph;
  }

  /** The network's configuration, the caller's own. */
  public ComputationGraphConfiguration conf() {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(builder.seed)
            .dataType(builder.dataType)
            .updater(builder.updater)
            .weightInit(new WeightInitUniform()) // ±1/√in, PyTorch's default
            .activation(Activation.IDENTITY)
            .graphBuilder()
            .addInputs("tokens", "segments", "mask", "masked_positions")
            .setInputTypes(inputTypes());
    addEmbedding(graph);
    LinkedLayer.add(
        graph,
        "block",
        new RepeatedBlock.Builder()
            .repeats(builder.repeats)
            .heads(builder.heads)
            .feedForward(builder.feedForward)
            .epsilon(EPSILON)
            .biasInit(new WeightInitUniform())
            .build(),
        "embed_norm",
        "mask");
    addOrderHead(graph);
    addWordHead(graph);
    return graph.setOutputs("mlm", "sop").build();
  }

  /** Shapes of the inputs. */
  public InputType[] inputTypes() {
    InputType sequence = InputType.feedForward(builder.length);
    return new InputType[] {
      sequence, sequence, sequence, InputType.feedForward(builder.predictions)
    };
  }

  private void addEmbedding(GraphBuilder graph) {
    IWeightInit normal = new WeightInitDistribution(new NormalDistribution(0, 1));
    graph.addLayer(
        "embed1",
        new TokenEmbedding.Builder()
            .nIn(builder.vocabulary)
            .nOut(builder.embedding)
            .weightInit(normal)
            .build(),
        "tokens");
    graph.addLayer("embed2", dense(builder.width, new ActivationIdentity()), "embed1");
    LinkedLayer.add(
        graph,
        "embedded",
        new SequenceEmbedding.Builder()
            .length(builder.length)
            .segments(SEGMENTS)
            .weightInit(normal)
            .build(),
        "embed2",
        "segments");
    graph.addLayer("embed_norm", norm(), "embedded");
  }

  private void addOrderHead(GraphBuilder graph) {
    LossLayer loss =
        new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX).build();
    loss.setNOut(2); // DL4J warns of a size of zero otherwise
    graph
        .addLayer("first", new FirstPosition(), "block")
        .addLayer("pool", dense(builder.width, new ActivationTanH()), "first")
        .addLayer("sop_dense", dense(2, new ActivationIdentity()), "pool")
        .addLayer("sop", loss, "sop_dense");
  }

  private void addWordHead(GraphBuilder graph) {
    LinkedLayer.add(
        graph,
        "masked",
        new GatheredPositions.Builder().positions(builder.predictions).build(),
        "block",
        "masked_positions");
    graph
        .addLayer("mlm_dense", dense(builder.width, new Gelu()), "masked")
        .addLayer("mlm_norm", norm(), "mlm_dense");
    LinkedLayer.add(
        graph,
        "mlm",
        new MaskedWordOutput.Builder()
            .nOut(builder.vocabulary)
            .embedding(builder.embedding)
            .tied(builder.tied)
            .build(),
        List.of("embed1_W", "embed2_W"),
        "mlm_norm");
  }

  private static PositionwiseDense dense(int width, IActivation activation) {
    return new PositionwiseDense.Builder()
        .nOut(width)
        .activation(activation)
        .biasInit(new WeightInitUniform())
        .build();
  }

  private static LayerNorm norm() {
    return new LayerNorm.Builder().epsilon(EPSILON).build();
  }

  /**
   * What a network says of a batch.
   *
   * @param loss cross entropy of the true word at each place, [N P]
   * @param word the likeliest word at each place, [N P]
   * @param order probabilities [N, 2] that the sentences are swapped, in order
   */
  public record Answers(double[] loss, int[] word, INDArray order) {}

  /**
   * Runs a network of this kind on a batch, without making its N · P · V logits.
   *
   * @param network made by {@link #init}, or read from a file
   * @param inputs tokens, segments, mask, masked positions; not modified
   * @param words true words [N, P], not modified
   */
  public static Answers answers(ComputationGraph network, INDArray[] inputs, INDArray words) {
    INDArray[] found = network.output(List.of("mlm_norm", "sop_dense"), false, inputs, null);
    MaskedWordOutput.Answers answers = MaskedWordOutput.answers(network, "mlm", found[0], words);
    return new Answers(answers.loss(), answers.best(), Nd4j.nn().softmax(found[1], 1));
  }

  /** Sizes of a network; the defaults are those of the paper's released code. */
  public static final class Builder implements Cloneable {
    private int vocabulary = 30522;
    private int length = 512;
    private int width = 64;
    private int embedding = 24;
    private int feedForward = 256;
    private int repeats = 6;
    private int heads = 1;
    private int predictions = 75;
    private boolean tied;
    private long seed = 1234;
    private IUpdater updater = new AdamWAgr();
    private DataType dataType = DataType.FLOAT;

    private Builder() {}

    /** Number V of words, at least 2; 30,522 by default. */
    public Builder vocabulary(int vocabulary) {
      this.vocabulary = ImageNetworkBuilder.atLeast("vocabulary", vocabulary, 2);
      return this;
    }

    /** Number of positions, the longest sequence; 512 by default. */
    public Builder length(int length) {
      this.length = ImageNetworkBuilder.atLeast("length", length, 1);
      return this;
    }

    /** Channels H of the block, a multiple of the heads; 64 by default. */
    public Builder width(int width) {
      this.width = ImageNetworkBuilder.atLeast("width", width, 1);
      return this;
    }

    /** Width E of the table of words; 24 by default. */
    public Builder embedding(int embedding) {
      this.embedding = ImageNetworkBuilder.atLeast("embedding", embedding, 1);
      return this;
    }

    /** Width of the block's hidden layer; 256 by default. */
    public Builder feedForward(int feedForward) {
      this.feedForward = ImageNetworkBuilder.atLeast("feedForward", feedForward, 1);
      return this;
    }

    /** How often the block is applied; 6 by default. */
    public Builder repeats(int repeats) {
      this.repeats = ImageNetworkBuilder.atLeast("repeats", repeats, 1);
      return this;
    }

    /** Heads of the attention; 1 by default. */
    public Builder heads(int heads) {
      this.heads = ImageNetworkBuilder.atLeast("heads", heads, 1);
      return this;
    }

    /** Number P of masked positions of a sequence, for the shapes; 75 by default. */
    public Builder predictions(int predictions) {
      this.predictions = ImageNetworkBuilder.atLeast("predictions", predictions, 1);
      return this;
    }

    /** Whether the word head's projection is the embedding's, transposed; false by default. */
    public Builder tied(boolean tied) {
      this.tied = tied;
      return this;
    }

    /** What determines the initial weights; 1234 by default. */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /** The optimizer of every layer; {@link org.agr4j.Agr} narrows it in the configuration. */
    public Builder updater(IUpdater updater) {
      this.updater = Objects.requireNonNull(updater, "updater");
      return this;
    }

    /** Type of parameters and activations: FLOAT or DOUBLE. */
    public Builder dataType(DataType dataType) {
      this.dataType = Objects.requireNonNull(dataType, "dataType");
      return this;
    }

    /**
     * The network described so far; what is set here later is not of it.
     *
     * @throws IllegalArgumentException if the heads do not divide the width
     */
    public Albert build() {
      if (width % heads != 0) {
        throw new IllegalArgumentException(
            "heads = " + heads + ", expected a divisor of the width, " + width);
      }
      try {
        return new Albert((Builder) clone());
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException("builders are cloneable", e);
      }
    }
  }
}
