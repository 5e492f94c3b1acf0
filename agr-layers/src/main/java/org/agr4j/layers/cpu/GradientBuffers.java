package org.agr4j.layers.cpu;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Memory for the gradients of activations that are handed down from part to part of a network.
 *
 * <p>DL4J keeps a gradient only until the next part below has read it, so that each part has to
 * write a new one. From here a gradient is passed on as it is, or overwritten in place, until the
 * last of its readers releases it. Buffers are kept from one step to the next: as many as are in
 * use at a time, each as large as the largest gradient that it held.
 */
final class GradientBuffers {
  private final List<INDArray> free = new ArrayList<>();
  private final Map<INDArray, Use> used = new IdentityHashMap<>();

  /** Images that lie in memory as {@link ChannelsLastImages}, with one reader. */
  INDArray take(INDArray shapeOf) {
    long batch = shapeOf.size(0);
    long channels = shapeOf.size(1);
    long height = shapeOf.size(2);
    long width = shapeOf.size(3);
    INDArray buffer = buffer(shapeOf.length());
    INDArray part =
        buffer.length() == shapeOf.length()
            ? buffer
            : buffer.get(NDArrayIndex.interval(0, shapeOf.length()));
    INDArray images =
        ChannelsLastImages.asImages(part.reshape('c', batch, height, width, channels));
    used.put(images, new Use(buffer));
    return images;
  }

  private INDArray buffer(long length) {
    int best = -1;
    for (int i = 0; i < free.size(); i++) {
      boolean fits = free.get(i).length() >= length;
      if (fits && (best < 0 || free.get(i).length() < free.get(best).length())) {
        best = i;
      }
    }
    if (best >= 0) {
      return free.remove(best);
    }
    if (!free.isEmpty()) {
      free.remove(free.size() - 1).close(); // too small now, and for the rest of the pass
    }
    MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
    try (outside) {
      return Nd4j.createUninitialized(DataType.FLOAT, length);
    }
  }

  /** Whether a gradient is from here. */
  boolean hold(INDArray gradient) {
    return used.containsKey(gradient);
  }

  /** Whether a gradient is from here and has one reader left, who may overwrite it. */
  boolean isLastReaders(INDArray gradient) {
    Use use = used.get(gradient);
    return use != null && use.readers == 1;
  }

  /** One reader more. */
  void share(INDArray gradient) {
    Use use = used.get(gradient);
    if (use != null) {
      use.readers++;
    }
  }

  /**
   * One reader less; after the last one the memory is given to others. Nothing if not from here.
   */
  void release(INDArray gradient) {
    Use use = used.get(gradient);
    if (use != null && --use.readers == 0) {
      used.remove(gradient);
      free.add(use.buffer);
    }
  }

  /** Ends all uses, of which a pass that failed may have left some. */
  void releaseAll() {
    used.values().forEach(use -> free.add(use.buffer));
    used.clear();
  }

  private static final class Use {
    final INDArray buffer;
    int readers = 1;

    Use(INDArray buffer) {
      this.buffer = buffer;
    }
  }
}
