package org.agr4j.layers;

import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A small language model of all layers that language models have, and batches for it.
 *
 * @param examples N
 * @param time T
 * @param places P, the last of which have weight 0
 * @param vocabulary V
 * @param embedding E
 * @param heads of the attention
 * @param width of a head
 * @param repeats of the block
 * @param tied whether the word head uses the embedding's projection
 */
record LanguageCase(
    int examples,
    int time,
    int places,
    int vocabulary,
    int embedding,
    int heads,
    int width,
    int repeats,
    boolean tied) {

  static LanguageCase small(boolean tied) {
    return new LanguageCase(3, 5, 4, 7, 2, 2, 2, 2, tied);
  }

  int channels() {
    return heads * width;
  }

  GraphBuilder graph(DataType type, IUpdater updater) {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .dataType(type)
            .updater(updater)
            .weightInit(new NormalDistribution(0, 0.5))
            .biasInit(0.1)
            .activation(Activation.IDENTITY)
            .graphBuilder()
            .addInputs("tokens", "segments", "mask", "positions")
            .setInputTypes(inputs())
            .addLayer(
                "words",
                new TokenEmbedding.Builder().nIn(vocabulary).nOut(embedding).build(),
                "tokens")
            .addLayer(
                "projected", new PositionwiseDense.Builder().nOut(channels()).build(), "words");
    LinkedLayer.add(
        graph,
        "embedded",
        new SequenceEmbedding.Builder().length(time + 1).build(),
        "projected",
        "segments");
    LinkedLayer.add(
        graph,
        "block",
        new RepeatedBlock.Builder()
            .repeats(repeats)
            .heads(heads)
            .feedForward(2 * channels() + 1)
            .build(),
        "embedded",
        "mask");
    LossLayer order =
        new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX).build();
    order.setNOut(2); // DL4J warns of a size of zero otherwise
    graph
        .addLayer("first", new FirstPosition(), "block")
        .addLayer("order.dense", new PositionwiseDense.Builder().nOut(2).build(), "first")
        .addLayer("order", order, "order.dense");
    LinkedLayer.add(
        graph,
        "masked",
        new GatheredPositions.Builder().positions(places).build(),
        "block",
        "positions");
    LinkedLayer.add(
        graph,
        "word",
        new MaskedWordOutput.Builder().nOut(vocabulary).embedding(embedding).tied(tied).build(),
        List.of("words_W", "projected_W"),
        "masked");
    return graph.setOutputs("word", "order");
  }

  InputType[] inputs() {
    InputType sequence = InputType.feedForward(time);
    return new InputType[] {sequence, sequence, sequence, InputType.feedForward(places)};
  }

  /** The network with all tensors drawn at random. */
  ComputationGraph network(DataType type, IUpdater updater) {
    ComputationGraph network = new ComputationGraph(graph(type, updater).build());
    network.init();
    Random random = new Random(3);
    network
        .paramTable()
        .forEach(
            (key, tensor) -> {
              double scale = tensor.rank() == 2 ? 1 / Math.sqrt(tensor.size(1)) : 0.3;
              INDArray noise = Nd4j.createUninitialized(DataType.DOUBLE, tensor.shape(), 'c');
              for (long i = 0; i < noise.length(); i++) {
                noise.putScalar(i, (float) (scale * random.nextGaussian()));
              }
              boolean gamma = key.endsWith("gamma");
              tensor.assign(noise.addi(gamma ? 1 : 0).castTo(type));
            });
    return network;
  }

  MultiDataSet batch(DataType type) {
    return batch(type, examples);
  }

  MultiDataSet batch(DataType type, int n) {
    Random random = new Random(n);
    INDArray mask = Nd4j.ones(type, n, time);
    INDArray order = Nd4j.zeros(type, n, 2);
    INDArray weights = Nd4j.ones(type, n, places);
    for (int i = 0; i < n; i++) {
      for (int t = time - i % time; t < time; t++) {
        mask.putScalar(i, t, 0);
      }
      for (int p = 0; p < places; p++) {
        weights.putScalar(i, p, p == places - 1 && places > 1 ? 0 : 0.5 + p % 2);
      }
      order.putScalar(i, random.nextInt(2), 1);
    }
    return new MultiDataSet(
        new INDArray[] {
          whole(type, random, vocabulary, n, time),
          whole(type, random, 2, n, time),
          mask,
          whole(type, random, time, n, places)
        },
        new INDArray[] {whole(type, random, vocabulary, n, places), order},
        null,
        new INDArray[] {weights, null});
  }

  private static INDArray whole(DataType type, Random random, int bound, int... shape) {
    INDArray array = Nd4j.zeros(type, shape[0], shape[1]);
    for (long i = 0; i < array.length(); i++) {
      array.putScalar(i, random.nextInt(bound));
    }
    return array;
  }
}
