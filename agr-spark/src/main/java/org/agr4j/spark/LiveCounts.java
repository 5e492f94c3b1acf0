package org.agr4j.spark;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.Tuple4;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Images trained on by tasks that still run, and their losses. Spark adds a counter to the driver's
 * only when its task ends; executors' heartbeats bring it earlier.
 */
final class LiveCounts extends SparkListener {
  private final Map<Long, Double> images = new ConcurrentHashMap<>();
  private final Map<Long, Double> losses = new ConcurrentHashMap<>();
  private final AtomicLong tasksEnded = new AtomicLong();

  /** Images of running tasks, as of their last heartbeats. */
  long images() {
    return (long) sum(images);
  }

  /** Sum of their losses. */
  double lossSum() {
    return sum(losses);
  }

  private static double sum(Map<Long, Double> counts) {
    return counts.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Tasks that have ended, well or not. */
  long tasksEnded() {
    return tasksEnded.get();
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    for (Tuple4<Object, Object, Object, Seq<AccumulableInfo>> task :
        JavaConverters.seqAsJavaList(update.accumUpdates())) {
      long id = ((Number) task._1()).longValue();
      for (AccumulableInfo counter : JavaConverters.seqAsJavaList(task._4())) {
        if (counter.name().isDefined() && counter.update().isDefined()) {
          double value = Double.parseDouble(String.valueOf(counter.update().get()));
          switch (counter.name().get()) {
            case StepCounters.IMAGES -> images.put(id, value);
            case StepCounters.LOSS_SUM -> losses.put(id, value);
            default -> {
              // Spark's own.
            }
          }
        }
      }
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    tasksEnded.incrementAndGet();
    if (end.taskInfo() != null) {
      images.remove(end.taskInfo().taskId());
      losses.remove(end.taskInfo().taskId());
    }
  }
}
