package org.agr4j.data;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import org.agr4j.input.BadInputException;
import org.agr4j.run.ProcessLock;

/**
 * Downloads a file and keeps it only if it is the expected one: it is written to {@code NAME.part}
 * and renamed once size and MD5 agree.
 *
 * <p>A download that was interrupted leaves its part, and the next one asks the server for the rest
 * (HTTP Range, RFC 9110 section 14). Where the server has no such rest, or the whole has another
 * MD5 because the file was changed in between, the file is asked for in whole. The MD5 makes
 * If-Range needless.
 */
public final class ArchiveDownload {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);
  private static final int BUFFER = 1 << 16;
  private static final int OK = 200;
  private static final int PARTIAL_CONTENT = 206;

  private final URI uri;
  private final Path target;
  private final Path part;
  private final long expectedBytes;
  private final Duration longestSilence;
  private final LongConsumer progress;

  private ArchiveDownload(
      URI uri, Path target, long expectedBytes, Duration longestSilence, LongConsumer progress) {
    this.uri = uri;
    this.target = target;
    this.part = target.resolveSibling(target.getFileName() + ".part");
    this.expectedBytes = expectedBytes;
    this.longestSilence = longestSilence;
    this.progress = progress;
  }

  /**
   * Downloads a file, or the rest of it.
   *
   * @param uri where it lies
   * @param target where it goes; its folder is made
   * @param expectedBytes its size
   * @param expectedMd5 its MD5, lower-case hexadecimal
   * @param progress is told the number of bytes so far, those of an earlier download included
   * @throws BadInputException if it cannot be had, is another file, cannot be written, or another
   *     process is downloading it; a part stays for the next download unless it is of another file
   */
  public static void fetch(
      URI uri, Path target, long expectedBytes, String expectedMd5, LongConsumer progress) {
    fetch(uri, target, expectedBytes, expectedMd5, LONGEST_SILENCE, progress);
  }

  /**
   * Downloads a file, or the rest of it.
   *
   * @param longestSilence how long a server that has answered may send nothing
   */
  static void fetch(
      URI uri,
      Path target,
      long expectedBytes,
      String expectedMd5,
      Duration longestSilence,
      LongConsumer progress) {
    try {
      Files.createDirectories(target.getParent());
    } catch (IOException e) {
      throw new BadInputException(
          "%s cannot be made a folder: %s".formatted(target.getParent(), e), e);
    }
    Path lock = target.resolveSibling(target.getFileName() + ".lock");
    ProcessLock free = ProcessLock.tryTake(lock).orElseThrow(() -> taken(target));
    try {
      new ArchiveDownload(uri, target, expectedBytes, longestSilence, progress).fetch(expectedMd5);
    } finally {
      free.close();
    }
  }

  private static BadInputException taken(Path target) {
    return new BadInputException(
        "another process is downloading " + target + ", expected it to have ended");
  }

  private void fetch(String expectedMd5) {
    try {
      boolean resumed = complete();
      String md5 = md5();
      if (resumed && !md5.equals(expectedMd5)) {
        Files.delete(part);
        complete();
        md5 = md5();
      }
      if (!md5.equals(expectedMd5)) {
        Files.delete(part);
        throw new BadInputException(
            "%s gave %,d bytes with MD5 %s, expected %s"
                .formatted(uri, expectedBytes, md5, expectedMd5));
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new BadInputException(
          "%s cannot be downloaded to %s: %s%s".formatted(uri, target, reason(e), kept()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BadInputException("the download of %s was interrupted%s".formatted(uri, kept()), e);
    }
  }

  /**
   * Makes the part as long as the file.
   *
   * @return whether some of it was there before
   */
  private boolean complete() throws IOException, InterruptedException {
    long from = Files.exists(part) ? Files.size(part) : 0;
    if (from > expectedBytes) {
      from = 0;
    }
    if (from == expectedBytes) {
      return true;
    }
    HttpResponse<InputStream> response = request(from);
    if (from > 0 && !isRest(response, from)) {
      if (response.statusCode() != OK) {
        response.body().close();
        response = request(0);
      }
      from = 0;
    }
    try (InputStream in = new ImpatientStream(response.body(), longestSilence)) {
      if (from == 0) {
        requireWhole(response);
      }
      write(in, from);
    }
    return from > 0;
  }

  private HttpResponse<InputStream> request(long from) throws IOException, InterruptedException {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(ANSWER_TIMEOUT);
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  /** Whether the server sends what is missing of a file of the expected size. */
  private boolean isRest(HttpResponse<InputStream> response, long from) {
    String rest = "bytes " + from + "-" + (expectedBytes - 1) + "/" + expectedBytes;
    return response.statusCode() == PARTIAL_CONTENT
        && response.headers().firstValue("Content-Range").orElse("").equals(rest);
  }

  private void requireWhole(HttpResponse<InputStream> response) {
    if (response.statusCode() != OK) {
      throw new BadInputException(
          "%s answered %d, expected %d".formatted(uri, response.statusCode(), OK));
    }
    long bytes = response.headers().firstValueAsLong("Content-Length").orElse(expectedBytes);
    if (bytes != expectedBytes) {
      throw new BadInputException(
          "%s has %,d bytes, expected %,d".formatted(uri, bytes, expectedBytes));
    }
  }

  private void write(InputStream in, long start) throws IOException {
    try (FileChannel out =
        FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      out.truncate(start);
      long bytes = start;
      byte[] buffer = new byte[BUFFER];
      for (int n; bytes < expectedBytes && (n = in.read(buffer)) >= 0; ) {
        n = (int) Math.min(n, expectedBytes - bytes);
        for (ByteBuffer rest = ByteBuffer.wrap(buffer, 0, n); rest.hasRemaining(); ) {
          bytes += out.write(rest, bytes);
        }
        progress.accept(bytes);
      }
      if (bytes < expectedBytes) {
        throw new IOException("it ended after %,d of %,d bytes".formatted(bytes, expectedBytes));
      }
    }
  }

  /** Of the part as it is on the disk. */
  private String md5() throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(Files.newInputStream(part), MessageDigest.getInstance("MD5"))) {
      byte[] buffer = new byte[BUFFER];
      while (in.read(buffer) >= 0) {
        // The digest is told of every byte.
      }
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }

  /** What a user need not download again. */
  private String kept() {
    try {
      long bytes = Files.exists(part) ? Files.size(part) : 0;
      return bytes == 0 ? "" : "; %,d bytes are kept, run again to go on".formatted(bytes);
    } catch (IOException e) {
      return "";
    }
  }

  /** Some network errors have no message of their own. */
  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
