package org.agr4j.layers;

import java.util.List;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * A layer with a loss: the labels that DL4J sets, and refusals of what DL4J's interface of
 * classifiers has beside it, which nothing calls within a network.
 */
abstract class OutputComputation<C extends ChannelsLastLayer> extends LayerComputation<C>
    implements IOutputLayer {
  private static final long serialVersionUID = 1L;

  private transient INDArray labels;

  OutputComputation(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  public final boolean needsLabels() {
    return true;
  }

  @Override
  public final void setLabels(INDArray labels) {
    this.labels = labels;
  }

  @Override
  public final INDArray getLabels() {
    return labels;
  }

  @Override
  public void clear() {
    super.clear();
    labels = null;
  }

  private UnsupportedOperationException alone() {
    return new UnsupportedOperationException(
        layerConf().described() + " works within a network, expected a call of the network's");
  }

  @Override
  public double f1Score(DataSet data) {
    throw alone();
  }

  @Override
  public double f1Score(INDArray examples, INDArray labels) {
    throw alone();
  }

  @Override
  @SuppressWarnings("deprecation") // DL4J's interface has it
  public int numLabels() {
    return Math.toIntExact(layerConf().getNOut());
  }

  @Override
  public void fit(DataSetIterator data) {
    throw alone();
  }

  @Override
  public int[] predict(INDArray examples) {
    throw alone();
  }

  @Override
  public List<String> predict(DataSet data) {
    throw alone();
  }

  @Override
  public void fit(INDArray examples, INDArray labels) {
    throw alone();
  }

  @Override
  public void fit(DataSet data) {
    throw alone();
  }

  @Override
  public void fit(INDArray examples, int[] labels) {
    throw alone();
  }
}
