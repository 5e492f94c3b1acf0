package org.agr4j.train;

import java.util.List;
import java.util.Map;
import org.agr4j.run.DataDigest;
import org.agr4j.run.EpochRecord;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * What is learned in a run: its data, its network, what is measured. A {@link TaskType} opens one
 * for the settings of a run; the loop knows nothing else of it.
 */
public interface Task {
  /** What its examples are called, for example {@code images}. */
  String unit();

  /** Training examples of an epoch. */
  int trainExamples();

  /** Steps of an epoch, that is minibatches; the last may be smaller. */
  int stepsPerEpoch();

  /** What the data are known by, wherever they lie. */
  DataDigest digest();

  /** Where the data lie, as {@code --data} has it; empty if they have no place. */
  String place();

  /** The network, which the optimizer's plan is still to be applied to. */
  ComputationGraphConfiguration network();

  /**
   * Makes a network of this task fast on this machine.
   *
   * @param graph the network; what it computes stays the same
   * @return one line: what computes its layers; empty if there is nothing to say
   */
  default String prepare(ComputationGraph graph) {
    return "";
  }

  /**
   * The training batches, before {@link #transforms()}.
   *
   * @param workers threads that share the making of a batch; 0 is the one that asks. The batches
   *     are the same bits, whatever their number
   */
  Batches batches(int workers);

  /** What is done to every training batch, in this order. */
  default List<BatchTransform> transforms() {
    return List.of();
  }

  /**
   * Texts that travel with the trained network, by their names in {@code model.zip}: what somebody
   * has to know who uses it.
   */
  default Map<String, String> keepsakes() {
    return Map.of();
  }

  /** What is known after an epoch: first what comparisons compare, then the others. */
  List<Measure> measures();

  /**
   * Measures a network.
   *
   * @param graph the network; not modified
   * @return values by key, in the order in which they are told of; the training loss is the loop's
   */
  Map<String, Double> measure(ComputationGraph graph);

  /** What rides along in every run of this task, made anew for each run. */
  default List<Companion> companions() {
    return List.of();
  }

  /** What is trained on what, for a heading: {@code resnet18, width 8, on CIFAR-10 images}. */
  String title();

  /** What is trained on what, one line for people. */
  String summary();

  /** How many examples of what: {@code 1,200 CIFAR-10 images, testing on 500}. */
  String scope();

  /** A name of the data for files: {@code cifar10}. */
  String dataName();

  /** What a run came to, for people: {@code top-1 12.3%, top-5 45.6% of 500 test images}. */
  String result(EpochRecord last);
}
