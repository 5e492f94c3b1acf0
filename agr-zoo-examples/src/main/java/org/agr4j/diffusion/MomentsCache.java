package org.agr4j.diffusion;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import org.deeplearning4j.common.resources.DL4JResources;

/**
 * Means and covariances of features that were computed before, a file each: {@code
 * ~/.deeplearning4j/features/KEY.moments}, unless the system property {@code
 * org.deeplearning4j.resources.directory} names another root. The key is a digest of all that they
 * depend on. A file holds its key and a digest of itself; one that is damaged, or of something
 * else, counts as missing, and is replaced. Where nothing can be written, nothing is kept.
 *
 * <p>A file of n features takes 8 n (n + 1) bytes: 2 MB for 512, 34 MB for 2048.
 */
final class MomentsCache {
  private static final int DIGEST_BYTES = 32;
  private static final int MOST_FEATURES = 1 << 14;
  private static final String FORM = "AGR4J moments 1";

  private final Path folder;

  /**
   * The cache in a folder.
   *
   * @param folder need not be there
   */
  MomentsCache(Path folder) {
    this.folder = folder;
  }

  /** The cache in DL4J's folder. */
  static MomentsCache usual() {
    return new MomentsCache(DL4JResources.getBaseDirectory().toPath().resolve("features"));
  }

  /** The file of a key. */
  Path file(String key) {
    return folder.resolve(key + ".moments");
  }

  /** What was kept under a key, if it is there and whole. */
  Optional<FrechetDistance.Moments> find(String key) {
    try {
      byte[] bytes = Files.readAllBytes(file(key));
      int length = bytes.length - DIGEST_BYTES;
      if (length < 0
          || !MessageDigest.isEqual(
              digest(bytes, length), Arrays.copyOfRange(bytes, length, bytes.length))) {
        return Optional.empty();
      }
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 0, length));
      if (!in.readUTF().equals(FORM) || !in.readUTF().equals(key)) {
        return Optional.empty();
      }
      int n = in.readInt();
      if (n < 1 || n > MOST_FEATURES || in.available() != 8L * n * (n + 1)) {
        return Optional.empty();
      }
      double[] mean = row(in, n);
      double[][] covariance = new double[n][];
      for (int i = 0; i < n; i++) {
        covariance[i] = row(in, n);
      }
      return Optional.of(new FrechetDistance.Moments(mean, covariance));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static double[] row(DataInputStream in, int n) throws IOException {
    double[] row = new double[n];
    for (int i = 0; i < n; i++) {
      row[i] = in.readDouble();
    }
    return row;
  }

  /** Keeps moments under a key, if that can be done. */
  void keep(String key, FrechetDistance.Moments moments) {
    Path part = null;
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeUTF(FORM);
      out.writeUTF(key);
      out.writeInt(moments.mean().length);
      write(moments.mean(), out);
      for (double[] row : moments.covariance()) {
        write(row, out);
      }
      byte[] content = bytes.toByteArray();
      out.write(digest(content, content.length));
      Files.createDirectories(folder);
      part = Files.createTempFile(folder, "moments", ".part");
      Files.write(part, bytes.toByteArray());
      Files.move(part, file(key), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      remove(part); // it is computed anew the next time
    }
  }

  private static void write(double[] row, DataOutputStream out) throws IOException {
    for (double value : row) {
      out.writeDouble(value);
    }
  }

  private static byte[] digest(byte[] bytes, int length) {
    MessageDigest digest = FileDigest.sha256();
    digest.update(bytes, 0, length);
    return digest.digest();
  }

  private static void remove(Path part) {
    try {
      if (part != null) {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      // A part that stays is no moments' file.
    }
  }
}
