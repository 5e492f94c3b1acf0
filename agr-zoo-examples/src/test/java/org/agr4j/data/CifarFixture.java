package org.agr4j.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.Deflater;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/** Writes distributions of the official layout, with pixels that say where they belong. */
public final class CifarFixture {
  private final CifarFormat format;
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  /** All files of a distribution, test file first, as the official CIFAR-100 archive has it. */
  public CifarFixture(CifarFormat format) {
    this.format = format;
    files.put(format.testFile(), file(CifarFormat.TEST_IMAGES, 7));
    int part = 0;
    for (String name : format.trainFiles()) {
      files.put(name, file(CifarFormat.TRAIN_IMAGES / format.trainFiles().size(), part++));
    }
  }

  /** The value of every pixel of a channel of a record in a file. */
  static int pixel(int salt, int record, int channel) {
    return (salt * 50 + record * 3 + channel) & 0xff;
  }

  private byte[] file(int records, int salt) {
    byte[] bytes = new byte[records * format.recordBytes()];
    int at = 0;
    for (int record = 0; record < records; record++) {
      for (int i = 0; i < format.labelBytes(); i++) {
        bytes[at++] = (byte) (record % format.labelRange(i));
      }
      for (int channel = 0; channel < 3; channel++) {
        Arrays.fill(bytes, at, at + 1024, (byte) pixel(salt, record, channel));
        at += 1024;
      }
    }
    return bytes;
  }

  /** The content of a file, to be changed in place. */
  byte[] content(String name) {
    return files.get(name);
  }

  /** Replaces or adds a file. */
  CifarFixture with(String name, byte[] content) {
    files.put(name, content);
    return this;
  }

  /** Leaves a file out. */
  CifarFixture without(String name) {
    files.remove(name);
    return this;
  }

  /** The archive as bytes. */
  public byte[] archive() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    GzipParameters fast = new GzipParameters();
    fast.setCompressionLevel(Deflater.BEST_SPEED);
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new GzipCompressorOutputStream(bytes, fast))) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        String name =
            file.getKey().contains("/")
                ? file.getKey()
                : format.archive().folder() + "/" + file.getKey();
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(file.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  /** Writes the archive into a folder. */
  public Path archiveIn(Path folder) throws IOException {
    return Files.write(folder.resolve(format.archive().fileName()), archive());
  }

  /** Writes the files into a folder. */
  public Path extractedIn(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
    return folder;
  }
}
