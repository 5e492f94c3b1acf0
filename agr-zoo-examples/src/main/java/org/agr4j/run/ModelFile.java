package org.agr4j.run;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.agr4j.input.BadInputException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network in DL4J's zip format, read without trusting it: a file from a stranger runs no code and
 * fills no memory.
 *
 * <p>DL4J's {@code ModelSerializer} deserializes an entry {@code preprocessor.bin} with Java's
 * serialization, makes objects of whatever classes the JSON names, and believes the sizes, strides
 * and types that arrays claim. Here names and sizes of the entries are checked first; the JSON may
 * name {@linkplain NamedClasses classes of layers and their parts} only; arrays are rows of as many
 * numbers as the network has; and nothing else in the file is read at all. What it gives is the
 * same, bit for bit.
 *
 * <p>Memory: the network and its optimizer's state.
 */
public final class ModelFile implements AutoCloseable {
  private static final String CONFIGURATION = "configuration.json";
  private static final String PARAMETERS = "coefficients.bin";
  private static final String UPDATER_STATE = "updaterState.bin";
  private static final int MOST_ENTRIES = 1000;
  private static final int MOST_TEXT_BYTES = 1 << 24;

  /** Numbers of an optimizer's state for each parameter and tensor; Adan's are four and one. */
  private static final int MOST_STATE = 8;

  private final String source;
  private final ZipFile zip;
  private final Map<String, ZipArchiveEntry> entries = new HashMap<>();

  private ModelFile(String source, ZipFile zip) {
    this.source = source;
    this.zip = zip;
  }

  /**
   * Opens a file and checks its list of entries.
   *
   * @param file the file
   * @throws BadInputException if there is none, it is no zip archive, or it has entries that a
   *     network has not: paths, doubles, links
   */
  public static ModelFile open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new BadInputException(file + ": no such file, expected a network, model.zip of a run");
    }
    return open(file.toString(), ZipFile.builder().setPath(file));
  }

  /**
   * Opens a file in memory and checks its list of entries.
   *
   * @param source what to call it in a message
   * @param content kept, not modified
   * @throws BadInputException as {@link #open(Path)}
   */
  public static ModelFile open(String source, byte[] content) {
    return open(
        source, ZipFile.builder().setSeekableByteChannel(new SeekableInMemoryByteChannel(content)));
  }

  private static ModelFile open(String source, ZipFile.Builder builder) {
    ModelFile model;
    try {
      model = new ModelFile(source, builder.setIgnoreLocalFileHeader(true).get());
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInputException(
          "%s is no whole zip archive (%s), expected a network as DL4J saves it"
              .formatted(source, oneLine(e)),
          e);
    }
    try {
      Collections.list(model.zip.getEntries()).forEach(model::add);
    } catch (BadInputException e) {
      model.close();
      throw e;
    }
    return model;
  }

  private void add(ZipArchiveEntry entry) {
    String name = entry.getName();
    if (entry.isUnixSymlink() || name.startsWith("/") || name.matches(".*(\\.\\.|\\\\|:).*")) {
      throw new BadInputException(
          "%s has the entry %s, expected the files of a network: names without paths or links"
              .formatted(source, name));
    }
    if (entries.put(name, entry) != null || entries.size() > MOST_ENTRIES) {
      throw new BadInputException(
          "%s has %s, expected the files of a network, each once"
              .formatted(
                  source,
                  entries.size() > MOST_ENTRIES
                      ? "more than " + MOST_ENTRIES + " entries"
                      : "the entry " + name + " twice"));
    }
  }

  /**
   * Reads the network.
   *
   * @param updaterState whether its optimizer's state is wanted, as for training on
   * @return as DL4J's {@code ModelSerializer} restores it
   * @throws BadInputException if it is damaged, is not a ComputationGraph, or is not safe to read;
   *     one line
   */
  public ComputationGraph network(boolean updaterState) {
    String json =
        text(CONFIGURATION)
            .orElseThrow(
                () ->
                    new BadInputException(
                        "%s has no %s, expected a network as DL4J saves it"
                            .formatted(source, CONFIGURATION)));
    NamedClasses.check(source + ": " + CONFIGURATION, json);
    try {
      ComputationGraphConfiguration conf = ComputationGraphConfiguration.fromJson(json);
      if (conf.getNetworkInputs() == null || conf.getVertices() == null) {
        throw new BadInputException(
            source + ": " + CONFIGURATION + " is no ComputationGraph, which models of agr are");
      }
      long parameters = parameters(conf);
      INDArray values = row(PARAMETERS, parameters, parameters);
      conf.setDataType(values.dataType());
      ComputationGraph graph = new ComputationGraph(conf);
      graph.init(values, false);
      if (updaterState && entries.containsKey(UPDATER_STATE)) {
        long most = Math.multiplyExact(MOST_STATE, parameters);
        graph.getUpdater().setStateViewArray(row(UPDATER_STATE, 1, most));
      }
      return graph;
    } catch (BadInputException e) {
      throw e;
    } catch (RuntimeException e) {
      // Jackson and DL4J throw these for what does not fit together.
      throw new BadInputException(
          "%s does not hold a whole network: %s".formatted(source, oneLine(e)), e);
    }
  }

  private static long parameters(ComputationGraphConfiguration conf) {
    long sum = 0;
    for (var vertex : conf.getVertices().values()) {
      vertex.setDataType(conf.getDataType());
      sum = Math.addExact(sum, vertex.numParams(true));
    }
    return sum;
  }

  /**
   * A small text beside the network, which DL4J passes over.
   *
   * @param name of the entry
   * @return nothing if there is none
   * @throws BadInputException if it is above 16 MiB or damaged
   */
  public Optional<String> text(String name) {
    ZipArchiveEntry entry = entries.get(name);
    if (entry == null) {
      return Optional.empty();
    }
    if (entry.getSize() > MOST_TEXT_BYTES) {
      throw new BadInputException(
          "%s: %s has %,d bytes, expected %,d at most"
              .formatted(source, name, entry.getSize(), MOST_TEXT_BYTES));
    }
    try (Content in = new Content(entry)) {
      byte[] text = in.readNBytes((int) entry.getSize());
      in.requireEnd();
      return Optional.of(new String(text, StandardCharsets.UTF_8));
    } catch (IOException | IllegalArgumentException | LinkageError e) {
      throw damaged(name, e);
    }
  }

  private INDArray row(String name, long least, long most) {
    ZipArchiveEntry entry = entries.get(name);
    if (entry == null) {
      throw new BadInputException(
          "%s has no %s, expected a network as DL4J saves it".formatted(source, name));
    }
    try (Content in = new Content(entry)) {
      INDArray row = RowArray.read(new DataInputStream(in), entry.getSize(), least, most);
      in.requireEnd();
      return row;
    } catch (IOException | RuntimeException | LinkageError e) {
      throw damaged(name, e);
    }
  }

  private BadInputException damaged(String name, Throwable e) {
    return new BadInputException(
        "%s: %s is damaged or something else: %s".formatted(source, name, oneLine(e)), e);
  }

  private static String oneLine(Throwable e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    String line = message.lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", " ");
    return line.length() > 200 ? line.substring(0, 200) + "…" : line;
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw new BadInputException("%s cannot be closed: %s".formatted(source, oneLine(e)), e);
    }
  }

  /** An entry as it unpacks; it must end where the list says, with the sum the list has. */
  private final class Content extends BufferedInputStream {
    private final ZipArchiveEntry entry;
    private final CheckedInputStream checked;

    Content(ZipArchiveEntry entry) throws IOException {
      this(entry, new CheckedInputStream(zip.getInputStream(entry), new CRC32()));
    }

    private Content(ZipArchiveEntry entry, CheckedInputStream checked) {
      super(checked, 1 << 16);
      this.entry = entry;
      this.checked = checked;
    }

    void requireEnd() throws IOException {
      if (read() >= 0) {
        throw new IOException("it unpacks to more than its %,d bytes".formatted(entry.getSize()));
      }
      if (checked.getChecksum().getValue() != entry.getCrc()) {
        throw new IOException("its check sum is another");
      }
    }
  }

  /**
   * Writes a network in DL4J's format, with the optimizer's state, if it has an optimizer, and
   * texts beside it.
   *
   * @param graph the network
   * @param stream where it goes; stays open
   * @param texts names and contents of more entries
   */
  public static void write(ComputationGraph graph, OutputStream stream, Map<String, String> texts)
      throws IOException {
    ZipOutputStream out = new ZipOutputStream(stream);
    text(CONFIGURATION, graph.getConfiguration().toJson(), out);
    row(PARAMETERS, graph.params(), out);
    ComputationGraphUpdater updater = graph.getUpdater(false);
    INDArray state = updater == null ? null : updater.getStateViewArray();
    if (state != null && state.length() > 0) {
      row(UPDATER_STATE, state, out);
    }
    for (Map.Entry<String, String> text : texts.entrySet()) {
      text(text.getKey(), text.getValue(), out);
    }
    out.finish();
  }

  private static void text(String name, String text, ZipOutputStream out) throws IOException {
    out.putNextEntry(new ZipEntry(name));
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void row(String name, INDArray row, ZipOutputStream out) throws IOException {
    out.putNextEntry(new ZipEntry(name));
    DataOutputStream data = new DataOutputStream(new BufferedOutputStream(out, 1 << 16));
    Nd4j.write(row, data);
    data.flush();
  }
}
