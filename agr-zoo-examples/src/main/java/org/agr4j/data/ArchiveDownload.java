package org.agr4j.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/**
 * Downloads a file and keeps it only if it is the expected one: it is written to {@code NAME.part}
 * and renamed once size and MD5 agree.
 */
public final class ArchiveDownload {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);
  private static final int BUFFER = 1 << 16;

  private ArchiveDownload() {}

  /**
   * Downloads a file.
   *
   * @param uri where it lies
   * @param target where it goes; its folder is made
   * @param expectedBytes its size
   * @param expectedMd5 its MD5, lower-case hexadecimal
   * @param progress is told the number of bytes so far
   * @throws BadInputException if it cannot be had, is another file, or cannot be written
   */
  public static void fetch(
      URI uri, Path target, long expectedBytes, String expectedMd5, LongConsumer progress) {
    Path part = target.resolveSibling(target.getFileName() + ".part");
    try {
      Files.createDirectories(target.getParent());
    } catch (IOException e) {
      throw new BadInputException(
          "%s cannot be made a folder: %s".formatted(target.getParent(), e), e);
    }
    try {
      MessageDigest md5 = md5();
      long bytes = transfer(uri, part, md5, progress);
      String actualMd5 = HexFormat.of().formatHex(md5.digest());
      if (bytes != expectedBytes || !actualMd5.equals(expectedMd5)) {
        Files.delete(part);
        throw new BadInputException(
            "%s gave %,d bytes with MD5 %s, expected %,d bytes with MD5 %s"
                .formatted(uri, bytes, actualMd5, expectedBytes, expectedMd5));
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      deleteIfPossible(part);
      throw new BadInputException(
          "%s cannot be downloaded to %s: %s".formatted(uri, target, reason(e)), e);
    } catch (InterruptedException e) {
      deleteIfPossible(part);
      Thread.currentThread().interrupt();
      throw new BadInputException("the download of " + uri + " was interrupted", e);
    }
  }

  private static long transfer(URI uri, Path part, MessageDigest md5, LongConsumer progress)
      throws IOException, InterruptedException {
    HttpClient client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    HttpResponse<InputStream> response =
        client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream in = response.body()) {
      if (response.statusCode() != 200) {
        throw new BadInputException(
            "%s answered %d, expected 200".formatted(uri, response.statusCode()));
      }
      long bytes = 0;
      try (OutputStream out = new DigestOutputStream(Files.newOutputStream(part), md5)) {
        byte[] buffer = new byte[BUFFER];
        for (int n; (n = in.read(buffer)) >= 0; ) {
          out.write(buffer, 0, n);
          bytes += n;
          progress.accept(bytes);
        }
      }
      return bytes;
    }
  }

  /** A rest that stays does no harm: it has another name, and the next download replaces it. */
  private static void deleteIfPossible(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      // The reason the download failed is what the user has to hear.
    }
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }

  /** Some network errors have no message of their own. */
  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
