package org.agr4j;

import java.util.ArrayList;
import java.util.List;
import org.agr4j.regularization.WeightDecayAfterUpdate;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/**
 * What an optimizer does to each kind of tensor: an updater and a decay for every {@link
 * TensorRole}. The network is built without knowing it, and {@link #applyTo} puts it in.
 *
 * <p>Wrappers (Bidirectional, LastTimeStep, TimeDistributed, MaskZero) are opened, vertices with
 * parameters (AttentionVertex, SameDiffVertex) included; frozen layers and vertices stay as they
 * are. L1, L2 and other regularizations of the configuration are kept; DL4J's WeightDecay and this
 * library's decays are replaced.
 *
 * <p>DL4J's layers hold two updaters, one for biases and one for the rest, so a layer's weights
 * decide for what is neither (an AutoEncoder's visible bias). CenterLossOutputLayer has one for
 * both, and DL4J 1.0.0-M2.1 decays no batch normalization.
 *
 * <p>DL4J's networks keep the configuration they are given. One built before would decay as told
 * here but go on with the optimizer it has trained with, so give {@code conf.clone()} if there is
 * one.
 */
public interface OptimizerPlan {
  /** The updater of tensors of a role, the caller's own. */
  IUpdater updater(TensorRole role);

  /** The decay of tensors of a role, the caller's own; null for none. */
  Regularization decay(TensorRole role);

  /**
   * Switches a network that is still to be built.
   *
   * @param conf the configuration, modified
   * @return the same configuration
   */
  default MultiLayerConfiguration applyTo(MultiLayerConfiguration conf) {
    conf.getConfs().forEach(layer -> TrainedTensors.visit(layer.getLayer(), this::set));
    return conf;
  }

  /**
   * Switches a network that is still to be built.
   *
   * @param conf the configuration, modified
   * @return the same configuration
   */
  default ComputationGraphConfiguration applyTo(ComputationGraphConfiguration conf) {
    conf.getVertices().values().forEach(vertex -> TrainedTensors.visit(vertex, this::set));
    return conf;
  }

  private void set(TrainedTensors tensors) {
    tensors.setUpdaters().accept(updater(tensors.mainRole()), updater(TensorRole.BIAS));
    tensors
        .setRegularizations()
        .accept(
            withDecay(tensors.weightRegularizations(), decay(tensors.mainRole())),
            withDecay(tensors.biasRegularizations(), decay(TensorRole.BIAS)));
  }

  private static List<Regularization> withDecay(List<Regularization> present, Regularization own) {
    List<Regularization> result = new ArrayList<>();
    if (present != null) {
      for (Regularization r : present) {
        if (!(r instanceof WeightDecay) && !(r instanceof WeightDecayAfterUpdate)) {
          result.add(r);
        }
      }
    }
    if (own != null) {
      result.add(own);
    }
    return result;
  }
}
