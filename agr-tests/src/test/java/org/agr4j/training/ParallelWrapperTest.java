package org.agr4j.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.agr4j.regularization.AgrRegularization;
import org.agr4j.regularization.DecoupledWeightDecay;
import org.agr4j.updater.AdamWAgr;
import org.agr4j.updater.AdanAgr;
import org.agr4j.updater.NonFinite;
import org.agr4j.updater.NonFiniteGradientException;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.solvers.accumulation.BasicGradientsAccumulator;
import org.deeplearning4j.optimize.solvers.accumulation.LocalHandler;
import org.deeplearning4j.optimize.solvers.accumulation.encoding.threshold.AdaptiveThresholdAlgorithm;
import org.deeplearning4j.parallelism.ParallelWrapper;
import org.deeplearning4j.parallelism.ParallelWrapper.TrainingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** Whatever an updater throws on one thread of a ParallelWrapper ends {@code fit} for all. */
class ParallelWrapperTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int BATCH = 8;

  /** Bad is the batch with the NaN: batch i of a round goes to worker i. */
  @ParameterizedTest
  @CsvSource({"2, 0", "2, 1", "3, 1", "3, 2", "3, 5"})
  void aNaNEndsSharingWhicheverWorkerMeetsIt(int workers, int bad) throws Exception {
    ParallelWrapper wrapper = sharing(network(new AdamWAgr(1e-2)), workers);
    assertNamesTheTensor(fit(wrapper, bad));
    // The accumulator keeps the failure: a second fit does not wait for a worker that is gone.
    assertNamesTheTensor(fit(wrapper, -1));
    wrapper.shutdown();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aNaNEndsAveraging(int bad) throws Exception {
    ParallelWrapper wrapper =
        new ParallelWrapper.Builder<>(network(new AdanAgr(1e-2)))
            .workers(2)
            .trainingMode(TrainingMode.AVERAGING)
            .build();
    assertNamesTheTensor(fit(wrapper, bad));
    wrapper.shutdown();
  }

  @Test
  void aNaNThatPsiMeetsBeforeAnotherUpdaterEndsSharing() throws Exception {
    ParallelWrapper wrapper =
        sharing(network(new Nesterovs(1e-2, 0.9), new AgrRegularization()), 2);
    assertInstanceOf(NonFiniteGradientException.class, root(fit(wrapper, 1)));
    wrapper.shutdown();
  }

  @Test
  void aScheduleThatLeavesItsRangeEndsSharing() throws Exception {
    MapSchedule decay = new MapSchedule(ScheduleType.ITERATION, Map.of(0, 0.1, 2, -1.0));
    ParallelWrapper wrapper =
        sharing(network(new AdamWAgr(1e-2), new DecoupledWeightDecay(decay)), 2);
    Throwable root = root(fit(wrapper, -1));
    assertEquals("weightDecay = -1.0, expected a number >= 0", root.getMessage());
    wrapper.shutdown();
  }

  @Test
  void aNaNEndsWorkersThatMeetAtABarrier() throws Exception {
    ParallelWrapper wrapper =
        new ParallelWrapper.Builder<>(network(new AdamWAgr(1e-2)))
            .workers(2)
            .trainingMode(TrainingMode.SHARED_GRADIENTS)
            .gradientsAccumulator(new BasicGradientsAccumulator(2, new LocalHandler()))
            .build();
    assertTrue(fit(wrapper, 1) != null, "fit throws");
    wrapper.shutdown();
  }

  @Test
  void withSkipSharingTrainsOn() throws Exception {
    MultiLayerNetwork net = network(AdamWAgr.builder().nonFinite(NonFinite.SKIP).build());
    ParallelWrapper wrapper = sharing(net, 2);
    assertNull(fit(wrapper, 1));
    assertFalse(net.params().isNaN().any());
    wrapper.shutdown();
  }

  /** Two wrappers at once: what ends one leaves the other alone. */
  @Test
  void anotherWrapperTrainsOn() throws Exception {
    ParallelWrapper good = sharing(network(new AdamWAgr(1e-2)), 2);
    AtomicReference<Throwable> ofTheGood = new AtomicReference<>();
    Thread other = thread(() -> good.fit(data(-1, 40)), ofTheGood::set);
    ParallelWrapper bad = sharing(network(new AdamWAgr(1e-2)), 2);
    assertNamesTheTensor(fit(bad, 1));
    other.join(LIMIT.toMillis());
    assertFalse(other.isAlive());
    assertNull(ofTheGood.get());
    bad.shutdown();
  }

  private static void assertNamesTheTensor(Throwable thrown) {
    Throwable root = root(thrown);
    assertInstanceOf(NonFiniteGradientException.class, root);
    assertTrue(root.getMessage().startsWith("gradient of tensor 0 of 4 in its block (length 30)"));
  }

  private static Throwable root(Throwable thrown) {
    assertTrue(thrown != null, "fit throws");
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** What fit throws, or null; fails the test where it does not return. */
  private static Throwable fit(ParallelWrapper wrapper, int bad) throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread = thread(() -> wrapper.fit(data(bad, 8)), thrown::set);
    thread.join(LIMIT.toMillis());
    assertFalse(thread.isAlive(), "fit returns");
    return thrown.get();
  }

  private static Thread thread(Runnable body, Consumer<Throwable> thrown) {
    Thread thread =
        new Thread(
            () -> {
              try {
                body.run();
              } catch (Throwable t) {
                thrown.accept(t);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static ParallelWrapper sharing(MultiLayerNetwork net, int workers) {
    return new ParallelWrapper.Builder<>(net)
        .workers(workers)
        .trainingMode(TrainingMode.SHARED_GRADIENTS)
        .thresholdAlgorithm(new AdaptiveThresholdAlgorithm(1e-4))
        .build();
  }

  private static MultiLayerNetwork network(IUpdater updater, Regularization... regularizations) {
    MultiLayerNetwork net =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(updater)
                .regularization(List.of(regularizations))
                .list()
                .layer(new DenseLayer.Builder().nIn(5).nOut(6).activation(Activation.TANH).build())
                .layer(
                    new OutputLayer.Builder().nIn(6).nOut(3).activation(Activation.SOFTMAX).build())
                .build());
    net.init();
    return net;
  }

  private static ListDataSetIterator<DataSet> data(int bad, int batches) {
    Random random = new Random(1);
    float[][] x = new float[BATCH * batches][5];
    float[][] y = new float[x.length][3];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < 5; j++) {
        x[i][j] = (float) random.nextGaussian();
      }
      y[i][i % 3] = 1;
    }
    if (bad >= 0) {
      x[bad * BATCH][0] = Float.NaN;
    }
    return new ListDataSetIterator<>(new DataSet(Nd4j.create(x), Nd4j.create(y)).asList(), BATCH);
  }
}
