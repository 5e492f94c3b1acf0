package org.agr4j.run;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataBuffer.AllocationMode;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Reads a row of floating-point numbers in the form {@code Nd4j.write} gives it, without believing
 * what it says of itself.
 *
 * <p>The form: allocation mode, length and type of the shape's numbers, those numbers (rank, sizes,
 * strides, flags, step, order), then the same of the data. {@code Nd4j.read} takes strides and
 * types as they come, and native code then reads where they lead. Here the row is made anew; its
 * length must be that of the rest of the entry, and one that is expected.
 */
public final class RowArray {
  private static final Set<DataType> TYPES =
      Set.of(DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16);
  private static final Pattern ASCII = Pattern.compile("[A-Z_]+");
  private static final int MOST_SHAPE = 2 * 32 + 4;

  private RowArray() {}

  /**
   * Reads a row.
   *
   * @param in the entry, from its begin to its end
   * @param bytes of the entry
   * @param least numbers it may have
   * @param most numbers it may have
   * @return [1, numbers]
   * @throws IOException if it is anything else
   */
  public static INDArray read(DataInputStream in, long bytes, long least, long most)
      throws IOException {
    String shapeMode = in.readUTF();
    long shapeLength = in.readLong();
    String shapeType = in.readUTF();
    require(
        ASCII.matcher(shapeMode).matches()
            && shapeType.equals(DataType.INT64.name())
            && shapeLength >= 4
            && shapeLength <= MOST_SHAPE,
        "it has no shape");
    long rank = in.readLong();
    require(rank >= 0 && 2 * rank + 4 == shapeLength, "it has no shape");
    long numbers = 1;
    for (int i = 0; i < rank; i++) {
      long size = in.readLong();
      require(size > 0 && size <= Long.MAX_VALUE / numbers, "its sizes cannot be");
      numbers *= size;
    }
    in.skipNBytes(8 * (rank + 2)); // strides, flags and step
    char order = in.readLong() == 'f' ? 'f' : 'c';
    String mode = in.readUTF();
    long length = in.readLong();
    String name = in.readUTF();
    require(
        mode.equals(AllocationMode.MIXED_DATA_TYPES.name()), "its numbers are in a form " + mode);
    DataType type =
        TYPES.stream()
            .filter(known -> known.name().equals(name))
            .findFirst()
            .orElseThrow(() -> new IOException("its numbers are of type " + name));
    require(length == numbers, "it has " + length + " numbers for a shape of " + numbers);
    require(
        length >= least && length <= most,
        "it has %,d numbers, expected %s"
            .formatted(
                length, least == most ? "%,d".formatted(least) : "%,d at most".formatted(most)));
    long head =
        2 * (2 + Long.BYTES + 2)
            + shapeMode.length()
            + shapeType.length()
            + Long.BYTES * shapeLength
            + mode.length()
            + name.length();
    require(
        bytes - head == length * type.width(),
        "it has %,d bytes for %,d numbers of type %s".formatted(bytes, length, name));
    DataBuffer buffer = Nd4j.createBuffer(type, length, false);
    buffer.read(in, AllocationMode.MIXED_DATA_TYPES, length, type);
    long[] shape = {1, length};
    return Nd4j.create(buffer, shape, Nd4j.getStrides(shape, order), 0, order, type);
  }

  private static void require(boolean holds, String what) throws IOException {
    if (!holds) {
      throw new IOException(what);
    }
  }
}
