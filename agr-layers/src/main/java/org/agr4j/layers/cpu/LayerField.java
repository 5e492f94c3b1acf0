package org.agr4j.layers.cpu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A field of a DL4J layer for which DL4J has no setter. */
final class LayerField {
  private LayerField() {}

  /** The field of that name and type, declared in {@code owner}. */
  static VarHandle of(Class<?> owner, String name, Class<?> type) {
    try {
      return MethodHandles.privateLookupIn(owner, MethodHandles.lookup())
          .findVarHandle(owner, name, type);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "this is not the Deeplearning4j that AGR4J knows: "
              + owner.getName()
              + " has no field "
              + name,
          e);
    }
  }
}
