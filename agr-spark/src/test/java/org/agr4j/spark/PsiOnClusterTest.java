package org.agr4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.agr4j.data.CifarFormat;
import org.agr4j.data.ImageIterator;
import org.agr4j.data.ImageSplits;
import org.agr4j.data.SyntheticCifar;
import org.agr4j.regularization.AgrRegularization;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AgrMode;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * What a cluster makes of Ψ: the mean of workers' Ψ(g) is not Ψ of the mean gradient. Prints the
 * tables of docs/spark.md.
 *
 * <p>The network has no batch norm, so that without AGR the mean of the workers' gradients is the
 * gradient of their batches put together.
 */
class PsiOnClusterTest {
  private static final int WORKERS = 2;
  private static final int BATCH = 16;
  private static final int STEPS = 60;

  private final ImageSplits data =
      SyntheticCifar.generate(CifarFormat.CIFAR10, 5, STEPS * WORKERS * BATCH, 10);

  private static MultiLayerNetwork network(IUpdater updater, boolean psi) {
    NeuralNetConfiguration.Builder base =
        new NeuralNetConfiguration.Builder()
            .seed(3)
            .weightInit(WeightInit.RELU)
            .activation(Activation.RELU)
            .convolutionMode(ConvolutionMode.Same)
            .updater(updater);
    if (psi) {
      base.regularization(List.of(new AgrRegularization()));
    }
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            base.list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(8).stride(2, 2).build())
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(16).stride(2, 2).build())
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(16).stride(2, 2).build())
                .layer(new DenseLayer.Builder().nOut(32).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(10)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(32, 32, 3))
                .build());
    network.init();
    return network;
  }

  /** How far apart parameters are after some steps, as a share of the way they went. */
  private double distance(IUpdater updater, boolean psi) {
    MultiLayerNetwork single = network(updater, psi);
    MultiLayerNetwork averaged = network(updater, psi);
    List<MultiLayerNetwork> workers = new ArrayList<>();
    for (int w = 0; w < WORKERS; w++) {
      workers.add(network(updater, psi));
    }
    INDArray start = single.params().dup();
    ImageIterator batches =
        ImageIterator.inOrder(data.train(), data.standardization(), WORKERS * BATCH);
    while (batches.hasNext()) {
      DataSet batch = batches.next();
      single.fit(batch);
      INDArray params = null;
      INDArray state = null;
      List<DataSet> parts = batch.batchBy(BATCH);
      for (int w = 0; w < WORKERS; w++) {
        MultiLayerNetwork worker = workers.get(w);
        worker.setParams(averaged.params());
        INDArray ownState = worker.getUpdater().getStateViewArray();
        if (ownState != null) {
          worker
              .getUpdater()
              .setStateViewArray(worker, averaged.getUpdater().getStateViewArray().dup(), false);
        }
        worker.fit(parts.get(w));
        ownState = worker.getUpdater().getStateViewArray();
        params = params == null ? worker.params().dup() : params.addi(worker.params());
        if (ownState != null) {
          state = state == null ? ownState.dup() : state.addi(ownState);
        }
      }
      averaged.setParams(params.divi(WORKERS));
      if (state != null) {
        averaged.getUpdater().setStateViewArray(averaged, state.divi(WORKERS), false);
      }
    }
    return averaged.params().distance2(single.params()) / single.params().distance2(start);
  }

  @Test
  void clusterAgainstOneMachineWithTheBatchesPutTogether() {
    double sgd = distance(new Sgd(0.05), false);
    double sgdPsi = distance(new Sgd(0.05), true);
    System.out.println("| optimizer | distance after " + STEPS + " steps / way gone |");
    System.out.println("|---|---:|");
    row("SGD", sgd);
    row("SGD with Ψ", sgdPsi);
    for (AgrMode mode : AgrMode.values()) {
      row("AdamWAgr, " + mode, distance(new AdamWAgr(1e-3).withMode(mode), false));
    }
    assertEquals(0, sgd, 1e-4, "without Ψ, SGD's mean step is the step of the mean gradient");
    assertTrue(sgdPsi > 10 * sgd, sgdPsi + " with Ψ, " + sgd + " without");
  }

  private static void row(String optimizer, double distance) {
    System.out.printf(Locale.ROOT, "| %s | %.1e |%n", optimizer, distance);
  }

  /** Of real gradients, after ten steps. */
  @Test
  void meanOfPsiAgainstPsiOfTheMean() {
    MultiLayerNetwork network = network(new Sgd(0.05), false);
    ImageIterator batches = ImageIterator.inOrder(data.train(), data.standardization(), BATCH);
    for (int step = 0; step < 10; step++) {
      network.fit(batches.next());
    }
    List<Map<String, INDArray>> gradients = new ArrayList<>();
    for (int worker = 0; worker < 8; worker++) {
      DataSet batch = batches.next();
      Map<String, INDArray> copies = new LinkedHashMap<>(); // the next batch's replace them
      network
          .calculateGradients(batch.getFeatures(), batch.getLabels(), null, null)
          .getFirst()
          .gradientForVariable()
          .forEach((name, gradient) -> copies.put(name, gradient.dup()));
      gradients.add(copies);
    }
    System.out.println("| weights | elements | Ψ(ḡ) − ḡ | 2 workers | 8 workers |");
    System.out.println("|---|---:|---:|---:|---:|");
    for (String name : gradients.get(0).keySet()) {
      if (name.endsWith("W")) {
        List<INDArray> all = gradients.stream().map(g -> g.get(name)).toList();
        INDArray mean = mean(all);
        double effect = psi(mean).distance2(mean) / norm(mean);
        double two = apart(all.subList(0, 2));
        double eight = apart(all);
        System.out.printf(
            Locale.ROOT,
            "| %s | %,d | %.1e | %.1e | %.1e |%n",
            name,
            mean.length(),
            effect,
            two,
            eight);
        assertTrue(two > 0 && eight > 0, "Ψ is not linear");
      }
    }
  }

  /** ‖mean of Ψ(g) − Ψ(mean of g)‖ / ‖mean of g‖. */
  private static double apart(List<INDArray> gradients) {
    INDArray mean = mean(gradients);
    return mean(gradients.stream().map(PsiOnClusterTest::psi).toList()).distance2(psi(mean))
        / norm(mean);
  }

  private static INDArray mean(List<INDArray> arrays) {
    INDArray sum = arrays.get(0).dup();
    arrays.subList(1, arrays.size()).forEach(sum::addi);
    return sum.divi(arrays.size());
  }

  private static INDArray psi(INDArray g) {
    INDArray share = Transforms.abs(g);
    return g.sub(g.mul(share).divi(share.sumNumber().doubleValue()));
  }

  private static double norm(INDArray g) {
    return g.norm2Number().doubleValue();
  }
}
