package org.agr4j.spark;

import java.util.Iterator;
import java.util.UUID;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.deeplearning4j.spark.parameterserver.functions.SharedFlatMapPaths;
import org.deeplearning4j.spark.parameterserver.training.SharedTrainingResult;
import org.nd4j.parameterserver.distributed.v2.ModelParameterServer;

/** Trains on an executor as if it were the executor's first epoch: see {@link GradientSharing}. */
final class FreshExecutor implements FlatMapFunction<Iterator<String>, SharedTrainingResult> {
  private static final long serialVersionUID = 1L;

  private static String epochHere;

  private final SharedFlatMapPaths<SharedTrainingResult> training;
  private final String epoch = UUID.randomUUID().toString();

  FreshExecutor(SharedFlatMapPaths<SharedTrainingResult> training) {
    this.training = training;
  }

  @Override
  public Iterator<SharedTrainingResult> call(Iterator<String> paths) throws Exception {
    synchronized (FreshExecutor.class) {
      if (!epoch.equals(epochHere)) {
        epochHere = epoch;
        if (ModelParameterServer.getInstance().isInitialized()) {
          ModelParameterServer.getInstance().shutdown();
        }
        AeronDirectory.useNew();
        FreePort.takeNew();
      }
    }
    return training.call(paths);
  }
}
