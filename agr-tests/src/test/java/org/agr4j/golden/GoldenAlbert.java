package org.agr4j.golden;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agr4j.zoo.Albert;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** ALBERT beside the numbers that PyTorch computed for it. */
final class GoldenAlbert extends GoldenComparison {
  private static final Map<String, String> PARAMETERS =
      Map.of(
          "position.weight", "embedded_position",
          "segment.weight", "embedded_segment",
          "sop.weight", "sop_dense_W",
          "sop.bias", "sop_dense_b",
          "mlm.weight", "mlm_dense_W",
          "mlm.bias", "mlm_dense_b",
          "decoder1.weight", "mlm_decoder.W",
          "decoder_bias", "mlm_b");

  private final DataType type;
  private final ComputationGraph network;

  GoldenAlbert(String name, Map<String, INDArray> arrays, DataType type) {
    super(name, arrays);
    this.type = type;
    network = network(size("repeats"));
  }

  private int size(String key) {
    return (int) config(key);
  }

  /** The network with fewer repeats, whose output is a stage of the whole one. */
  private ComputationGraph network(int repeats) {
    ComputationGraph graph =
        Albert.builder()
            .vocabulary(size("vocabulary"))
            .length(size("length"))
            .width(size("width"))
            .embedding(size("embedding"))
            .feedForward(size("feed_forward"))
            .heads(size("heads"))
            .predictions((int) input("masked_positions").size(1))
            .repeats(repeats)
            .tied(!arrays.containsKey("param/decoder1.weight"))
            .updater(new NoOp())
            .dataType(type)
            .build()
            .init();
    List<String> missing = new ArrayList<>(graph.paramTable().keySet());
    for (String key : arrays.keySet()) {
      if (key.startsWith("param/")) {
        GoldenTensor tensor = tensor(key.substring(6), graph);
        tensor.set(arrays.get(key));
        missing.remove(tensor.parameter());
      }
    }
    if (!missing.isEmpty()) {
      throw new AssertionError(name + ": the file has no values for " + missing);
    }
    return graph;
  }

  private static GoldenTensor tensor(String golden, ComputationGraph graph) {
    String ours = PARAMETERS.get(golden);
    return ours == null
        ? GoldenTensor.of(golden, graph)
        : new GoldenTensor(ours, graph.paramTable().get(ours));
  }

  private INDArray input(String key) {
    return arrays.get("input/" + key).castTo(type);
  }

  private INDArray[] features() {
    return new INDArray[] {
      input("tokens"), input("segments"), input("mask"), input("masked_positions")
    };
  }

  private MultiDataSet batch() {
    INDArray words = arrays.get("labels/mlm").castTo(type);
    INDArray weights = arrays.get("labels/mlm_weights").castTo(type);
    INDArray order = arrays.get("labels/sop");
    INDArray hot = Nd4j.zeros(type, order.length(), 2);
    for (int i = 0; i < order.length(); i++) {
      hot.putScalar(i, order.getLong(i), 1);
    }
    return new MultiDataSet(
        features(), new INDArray[] {words, hot}, null, new INDArray[] {weights, null});
  }

  @Override
  GoldenAlbert compare() {
    Map<String, INDArray> found = network.feedForward(features(), true);
    output("embedding", found.get("embed_norm"), arrays.get("embedding"));
    for (int i = 1; i <= size("repeats"); i++) {
      INDArray layer = network(i).feedForward(features(), true).get("block");
      output("layer" + i, layer, arrays.get("layer" + i));
    }
    output("pooled", found.get("pool"), arrays.get("pooled"));
    output("mlm_hidden", found.get("mlm_norm"), arrays.get("mlm_hidden"));
    output("logits_mlm", found.get("mlm"), arrays.get("logits_mlm"));
    output("logits_sop", found.get("sop_dense"), arrays.get("logits_sop"));
    output("score", Nd4j.scalar(network.score(batch())), arrays.get("loss"));
    compareLosses();
    compareGradients();
    return this;
  }

  private void compareLosses() {
    MultiDataSet batch = batch();
    Albert.Answers answers = Albert.answers(network, features(), batch.getLabels(0));
    INDArray weights = arrays.get("labels/mlm_weights").reshape(answers.loss().length);
    INDArray ofWords = Nd4j.createFromArray(answers.loss()).mul(weights).mean();
    output("loss_mlm", ofWords, arrays.get("loss_mlm"));
    INDArray ofOrder = Nd4j.math().log(answers.order()).mul(batch.getLabels(1)).sum(1).mean();
    output("loss_sop", ofOrder.neg(), arrays.get("loss_sop"));
    INDArray best = arrays.get("logits_mlm").reshape(weights.length(), -1).argMax(1);
    output("words", Nd4j.createFromArray(answers.word()), best.castTo(DataType.DOUBLE));
  }

  private void compareGradients() {
    MultiDataSet batch = batch();
    network.setInputs(batch.getFeatures());
    network.setLabels(batch.getLabels());
    network.setLayerMaskArrays(null, batch.getLabelsMaskArrays());
    network.computeGradientAndScore();
    output("loss", Nd4j.scalar(network.score()), arrays.get("loss"));
    Map<String, INDArray> found = network.gradient().gradientForVariable();
    for (String key : arrays.keySet()) {
      if (key.startsWith("grad/")) {
        GoldenTensor tensor = tensor(key.substring(5), network);
        // DL4J divides by the number of examples when it updates.
        INDArray mean = found.get(tensor.parameter()).div(batch.getFeatures(0).size(0));
        gradient(key, tensor.asGolden(mean, arrays.get(key)), arrays.get(key));
      }
    }
  }

  @Override
  Set<String> inputs() {
    return Set.of(
        "input/tokens",
        "input/segments",
        "input/mask",
        "input/masked_positions",
        "labels/mlm",
        "labels/mlm_weights",
        "labels/sop");
  }
}
