package org.agr4j.layers;

import java.util.List;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A layer in a small network, with an input that suits it.
 *
 * @param name for reports
 * @param layer makes its configuration
 * @param input what it is given
 */
record LayerCase(String name, Supplier<Layer> layer, InputType input) {
  static final int BATCH = 3;
  static final int CLASSES = 3;

  @Override
  public String toString() {
    return name;
  }

  static InputType image(int height, int width, int channels) {
    return InputType.convolutional(height, width, channels, CNN2DFormat.NHWC);
  }

  private static LayerCase of(String name, Supplier<Layer> layer, InputType input) {
    return new LayerCase(name, layer, input);
  }

  /** Every layer, in its variants. */
  static List<LayerCase> all() {
    return List.of(
        of("layer norm of images", LayerNorm::new, image(2, 3, 5)),
        of("layer norm of vectors", LayerNorm::new, InputType.feedForward(6)),
        of("layer norm of sequences", LayerNorm::new, InputType.recurrent(4, 3, RNNFormat.NWC)),
        of(
            "dense with GELU",
            () -> new PositionwiseDense.Builder().nOut(4).activation(new Gelu()).build(),
            image(2, 3, 3)),
        of(
            "dense with GELU's tanh form",
            () -> new PositionwiseDense.Builder().nOut(4).activation(Gelu.withTanh()).build(),
            InputType.feedForward(3)),
        of(
            "dense with tanh, no bias",
            () ->
                new PositionwiseDense.Builder()
                    .nOut(2)
                    .hasBias(false)
                    .activation(new ActivationTanH())
                    .build(),
            InputType.recurrent(3, 4, RNNFormat.NWC)),
        of("layer scale", () -> new LayerScale.Builder().initial(0.3).build(), image(2, 2, 3)),
        of("depthwise 3x3", DepthwiseConvolution::new, image(4, 3, 2)),
        of(
            "depthwise 7x7 on less",
            () -> new DepthwiseConvolution.Builder().kernel(7).build(),
            image(2, 3, 2)),
        of(
            "depthwise 3x3 stride 2, no bias",
            () -> new DepthwiseConvolution.Builder().stride(2).hasBias(false).build(),
            image(5, 4, 2)),
        of(
            "depthwise 2x2",
            () -> new DepthwiseConvolution.Builder().kernel(2).padding(0).build(),
            image(3, 4, 2)),
        of("patches", () -> new PatchEmbedding.Builder().patch(2).nOut(3).build(), image(4, 6, 2)),
        of(
            "overlapping patches",
            () -> new PatchEmbedding.Builder().kernel(3).stride(2).padding(1).nOut(3).build(),
            image(5, 4, 2)),
        of("batch norm", BatchNorm::new, image(2, 2, 3)),
        of(
            "batch norm of vectors with GELU",
            () -> new BatchNorm.Builder().activation(new Gelu()).build(),
            InputType.feedForward(4)),
        of("group norm", () -> new GroupNorm.Builder().groups(2).build(), image(2, 3, 4)),
        of(
            "group norm with Swish",
            () -> new GroupNorm.Builder().groups(3).activation(new ActivationSwish()).build(),
            InputType.recurrent(6, 3, RNNFormat.NWC)),
        of(
            "windows",
            () -> new WindowAttention.Builder().heads(2).window(2).build(),
            image(2, 4, 4)),
        of(
            "shifted windows with relative bias",
            () ->
                new WindowAttention.Builder()
                    .heads(2)
                    .window(3)
                    .shift(1)
                    .bias(PositionBias.RELATIVE)
                    .tableInit(new WeightInitDistribution(new NormalDistribution(0, 0.5)))
                    .build(),
            image(6, 3, 4)),
        of(
            "padded windows with offset bias and norm",
            () ->
                new WindowAttention.Builder()
                    .heads(3)
                    .window(3)
                    .padded(true)
                    .byHead(true)
                    .layerNorm(1e-5)
                    .bias(PositionBias.OFFSET)
                    .build(),
            image(2, 4, 3)),
        of(
            "padded windows without norm",
            () -> new WindowAttention.Builder().window(2).padded(true).build(),
            image(3, 2, 2)),
        of(
            "attention of sequences",
            () -> new SelfAttention.Builder().heads(2).build(),
            InputType.recurrent(4, 3, RNNFormat.NWC)),
        of("attention of images", SelfAttention::new, image(2, 3, 3)),
        of("merging", PatchMerging::new, image(4, 2, 3)),
        of("upsampling", NearestUpsampling::new, image(2, 3, 3)),
        of("image as vector", ImageVector::new, image(2, 3, 3)),
        of("time", () -> new TimeEmbedding.Builder().nOut(4).build(), InputType.feedForward(1)),
        of("first position", FirstPosition::new, InputType.recurrent(4, 3, RNNFormat.NWC)),
        of("mean", PositionMean::new, image(2, 3, 4)));
  }

  /** The layer between the input and an output layer, all tensors drawn at random. */
  ComputationGraph network(DataType type, IUpdater updater) {
    return network(input, type, updater);
  }

  ComputationGraph network(InputType inputType, DataType type, IUpdater updater) {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(7)
            .dataType(type)
            .updater(updater)
            .weightInit(new NormalDistribution(0, 0.5))
            .biasInit(0.1)
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(inputType)
            .addLayer("layer", layer.get(), "in")
            .addLayer("mean", new PositionMean(), "layer")
            .addLayer(
                "out",
                new OutputLayer.Builder(LossFunction.MCXENT)
                    .nOut(CLASSES)
                    .activation(Activation.SOFTMAX)
                    .build(),
                "mean")
            .setOutputs("out");
    ComputationGraph network = new ComputationGraph(graph.build());
    network.init();
    Nd4j.getRandom().setSeed(11);
    for (INDArray tensor : network.getLayer("layer").paramTable().values()) {
      tensor.addi(Nd4j.randn(type, tensor.shape()).muli(0.2));
    }
    return network;
  }

  INDArray features(DataType type) {
    Nd4j.getRandom().setSeed(13);
    long[] shape = input.getShape(true).clone();
    shape[0] = BATCH;
    return Nd4j.randn(type, shape);
  }

  static INDArray labels(DataType type) {
    return labels(type, BATCH);
  }

  static INDArray labels(DataType type, int batch) {
    INDArray labels = Nd4j.zeros(type, batch, CLASSES);
    for (int i = 0; i < batch; i++) {
      labels.putScalar(i, i % CLASSES, 1);
    }
    return labels;
  }
}
