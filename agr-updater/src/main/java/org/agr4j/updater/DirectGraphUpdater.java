package org.agr4j.updater;

import java.util.Map;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's updater of a graph, which recognizes the graph's own gradient: the same numbers in the
 * same arrays, without cutting all tensors out of it anew in every step.
 *
 * <p>DL4J 1.0.0-M2.1 asks whether {@code gradient.gradient()} is the graph's gradient array, and
 * that answers a new view of it each time. So every step counts as one with a foreign gradient: for
 * each tensor two views of gradient and parameters are made, twice, each of them a view of the
 * block's tensor before it, and each access to such a view walks through all the others. It took an
 * eighth of a training step of a narrow U-Net with 328 tensors. Here the views that DL4J has made
 * at the beginning are used.
 *
 * <pre>{@code
 * ComputationGraph graph = ...; // after init() or after loading
 * DirectGraphUpdater.install(graph);
 * }</pre>
 *
 * <p>For any updater, not only AGR's. A gradient of another network goes DL4J's way.
 */
public final class DirectGraphUpdater extends ComputationGraphUpdater {
  private static final long serialVersionUID = 1L;

  private DirectGraphUpdater(ComputationGraph graph) {
    super(graph);
  }

  private DirectGraphUpdater(ComputationGraph graph, INDArray state) {
    super(graph, state);
  }

  /**
   * Puts one in the place of the graph's updater, over the same state, which is made if there is
   * none yet.
   *
   * @param graph after {@code init()}; its updater is replaced unless it is one of these
   */
  public static void install(ComputationGraph graph) {
    ComputationGraphUpdater before = graph.getUpdater(false);
    if (before instanceof DirectGraphUpdater) {
      return;
    }
    INDArray state = before == null ? null : before.getStateViewArray();
    graph.setUpdater(
        state == null ? new DirectGraphUpdater(graph) : new DirectGraphUpdater(graph, state));
  }

  @Override
  public synchronized void update(
      Gradient gradient,
      int iteration,
      int epoch,
      int batchSize,
      LayerWorkspaceMgr workspaceManager) {
    super.update(
        isOwn(gradient.gradient())
            ? new OwnGradient(gradient, getFlattenedGradientsView())
            : gradient,
        iteration,
        epoch,
        batchSize,
        workspaceManager);
  }

  private boolean isOwn(INDArray gradient) {
    INDArray own = getFlattenedGradientsView();
    return gradient.length() == own.length()
        && gradient.dataType() == own.dataType()
        && gradient.offset() == own.offset()
        && gradient.data().address() == own.data().address();
  }

  /** The graph's gradient, by the array that DL4J compares with. */
  private static final class OwnGradient extends DefaultGradient {
    private static final long serialVersionUID = 1L;

    private final transient Gradient tensors;
    private final transient INDArray flat;

    OwnGradient(Gradient tensors, INDArray flat) {
      this.tensors = tensors;
      this.flat = flat;
    }

    @Override
    public INDArray gradient() {
      return flat;
    }

    @Override
    public Map<String, INDArray> gradientForVariable() {
      return tensors.gradientForVariable();
    }
  }
}
