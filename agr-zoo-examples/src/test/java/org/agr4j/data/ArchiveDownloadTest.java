package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.agr4j.input.BadInputException;
import org.agr4j.run.ProcessLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveDownloadTest {
  /** Several buffers long, with an odd rest. */
  private static final int BYTES = 300_001;

  private static final int HALF = BYTES / 2;

  @TempDir Path folder;
  private HttpServer server;
  private byte[] content;
  private final CountDownLatch over = new CountDownLatch(1);

  /** The Range header of each request for {@link #content}, "whole" where there was none. */
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void serve() throws IOException {
    content = bytes(1, BYTES);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/file", this::sendRange);
    server.createContext(
        "/moved",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/file");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.createContext("/whole", exchange -> send(exchange, 200, content, BYTES));
    server.createContext("/breaks", this::sendHalf);
    server.createContext("/stalls", this::sendNothing);
    server.createContext(
        "/longer",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(content);
          exchange.getResponseBody().write(1);
          exchange.close();
        });
    server.start();
  }

  /** A server that knows ranges. */
  private void sendRange(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    asked.add(range == null ? "whole" : range);
    if (range == null) {
      send(exchange, 200, content, content.length);
      return;
    }
    int from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
    if (from >= content.length) {
      send(exchange, 416, new byte[0], 0);
      return;
    }
    exchange
        .getResponseHeaders()
        .add("Content-Range", "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
    byte[] rest = Arrays.copyOfRange(content, from, content.length);
    send(exchange, 206, rest, rest.length);
  }

  /** Promises all and sends the first of it. */
  private static void send(HttpExchange exchange, int status, byte[] all, int sent)
      throws IOException {
    exchange.sendResponseHeaders(status, all.length == 0 ? -1 : all.length);
    exchange.getResponseBody().write(all, 0, sent);
    exchange.close();
  }

  /**
   * Breaks once the first half is written: on a connection that breaks, the client drops what it
   * has received and not yet handed over, so that how much is kept would depend on its speed.
   */
  private void sendHalf(HttpExchange exchange) throws IOException {
    Files.deleteIfExists(part());
    exchange.sendResponseHeaders(200, BYTES);
    exchange.getResponseBody().write(content, 0, HALF);
    exchange.getResponseBody().flush();
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (System.nanoTime() < end && !(Files.exists(part()) && Files.size(part()) == HALF)) {
      LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
    }
    exchange.close();
  }

  /** Answers that the rest comes, and sends nothing of it. */
  private void sendNothing(HttpExchange exchange) throws IOException {
    exchange
        .getResponseHeaders()
        .add("Content-Range", "bytes %d-%d/%d".formatted(HALF, BYTES - 1, BYTES));
    exchange.sendResponseHeaders(206, BYTES - HALF);
    exchange.getResponseBody().flush();
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    exchange.close();
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
  }

  private static byte[] bytes(long seed, int count) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private URI uri(String path) {
    return URI.create("http://localhost:" + server.getAddress().getPort() + path);
  }

  private Path target() {
    return folder.resolve("new").resolve("archive");
  }

  private Path part() {
    return folder.resolve("new").resolve("archive.part");
  }

  private void keep(byte[] part) {
    try {
      Files.createDirectories(part().getParent());
      Files.write(part(), part);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Long> fetch(String path, String md5) {
    List<Long> progress = new ArrayList<>();
    ArchiveDownload.fetch(uri(path), target(), BYTES, md5, progress::add);
    return progress;
  }

  private void assertFetched(String path) throws IOException {
    List<Long> progress = fetch(path, md5(bytes(1, BYTES)));
    assertArrayEquals(bytes(1, BYTES), Files.readAllBytes(target()));
    assertFalse(Files.exists(part()));
    assertEquals(BYTES, progress.get(progress.size() - 1));
  }

  @Test
  void keepsTheExpectedFile() throws IOException {
    assertFetched("/moved");
    assertEquals(List.of("whole"), asked);
  }

  @Test
  void goesOnWhereItWasInterrupted() throws IOException {
    assertRefused("/breaks", md5(content), "/breaks cannot be downloaded to " + target());
    assertEquals(HALF, Files.size(part()));
    assertRefused("/breaks", md5(content), "150,000 bytes are kept, run again to go on");

    List<Long> progress = fetch("/moved", md5(content));
    assertEquals(List.of("bytes=" + HALF + "-"), asked);
    assertTrue(progress.get(0) > HALF, "the bytes of the first download are counted");
    assertArrayEquals(content, Files.readAllBytes(target()));
    assertFalse(Files.exists(part()));
  }

  /** However short the time and slow the machine: not one byte ever comes. */
  @Test
  void endsWhereTheServerStalls() throws IOException {
    keep(Arrays.copyOf(content, HALF));
    BadInputException e =
        assertThrows(
            BadInputException.class,
            () ->
                ArchiveDownload.fetch(
                    uri("/stalls"),
                    target(),
                    BYTES,
                    md5(content),
                    Duration.ofSeconds(1),
                    progress -> {}));
    assertEquals(
        "%s cannot be downloaded to %s: no byte came for 1 seconds; 150,000 bytes are kept, run again to go on"
            .formatted(uri("/stalls"), target()),
        e.getMessage());
    assertArrayEquals(Arrays.copyOf(content, HALF), Files.readAllBytes(part()));
    over.countDown();
    fetch("/file", md5(content));
    assertArrayEquals(content, Files.readAllBytes(target()));
  }

  @Test
  void refusesASecondDownloadOfTheSameFile() throws IOException {
    Path lock = folder.resolve("new").resolve("archive.lock");
    ProcessLock other = ProcessLock.tryTake(lock).orElseThrow();
    assertRefused("/file", md5(content), "another process is downloading " + target(), "expected");
    assertEquals(List.of(), asked);
    other.close();
    assertFetched("/file");
  }

  @Test
  void startsAgainWhereTheServerIgnoresRanges() throws IOException {
    keep(bytes(2, HALF)); // would be seen in the result if it were kept
    assertFetched("/whole");
  }

  @Test
  void startsAgainWhereTheFileChangedInBetween() throws IOException {
    keep(bytes(2, HALF));
    assertFetched("/file");
    assertEquals(List.of("bytes=" + HALF + "-", "whole"), asked);
  }

  @Test
  void startsAgainFromAPartThatIsTooLong() throws IOException {
    keep(bytes(2, BYTES + 1));
    assertFetched("/file");
    assertEquals(List.of("whole"), asked);
  }

  @Test
  void asksForNothingWhereThePartIsWhole() throws IOException {
    keep(content);
    fetch("/file", md5(content));
    assertArrayEquals(content, Files.readAllBytes(target()));
    assertEquals(List.of(), asked);
  }

  @Test
  void refusesAFileOfAnotherSize() throws IOException {
    keep(Arrays.copyOf(content, HALF));
    for (int bytes : new int[] {BYTES + 1, HALF, 7}) {
      content = bytes(3, bytes);
      assertRefused(
          "/file", md5(content), "/file has %,d bytes, expected %,d".formatted(bytes, BYTES));
    }
    assertEquals(HALF, Files.size(part()), "the part is not of that file");
    content = bytes(1, BYTES);
    assertFetched("/file");
  }

  @Test
  void refusesAnotherFile() throws IOException {
    String expected = "00000000000000000000000000000000";
    assertRefused("/file", expected, "gave 300,001 bytes with MD5 " + md5(content), expected);
    assertNothingLeft();
    keep(Arrays.copyOf(content, HALF));
    assertRefused("/file", expected, "gave 300,001 bytes with MD5 " + md5(content), expected);
    assertNothingLeft();
    assertEquals(List.of("whole", "bytes=" + HALF + "-", "whole"), asked);
  }

  @Test
  void takesNoMoreThanItExpects() throws IOException {
    assertFetched("/longer");
  }

  @Test
  void saysWhatTheServerSaid() throws IOException {
    assertRefused("/none", md5(content), "/none answered 404, expected 200");
    keep(Arrays.copyOf(content, HALF));
    assertRefused("/none", md5(content), "/none answered 404, expected 200");
    assertEquals(HALF, Files.size(part()));
  }

  @Test
  void saysWhatCannotBeReached() {
    server.stop(0);
    assertRefused("/file", md5(content), "/file cannot be downloaded to " + target());
  }

  @Test
  void saysWhatCannotBeWritten() throws IOException {
    Files.createFile(folder.resolve("new"));
    assertRefused("/file", md5(content), folder.resolve("new") + " cannot be made a folder");
  }

  @Test
  void saysThatTheDiskIsFull() throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "no /dev/full, which is Linux's");
    Files.createDirectories(part().getParent());
    Files.createSymbolicLink(part(), full);
    assertRefused("/file", md5(content), "cannot be downloaded to " + target(), "No space left");
  }

  private void assertRefused(String path, String md5, String... parts) {
    BadInputException e = assertThrows(BadInputException.class, () -> fetch(path, md5));
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> e.getMessage() + "\nhas no: " + part);
    }
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    assertFalse(Files.exists(target()));
  }

  private void assertNothingLeft() throws IOException {
    try (var files = Files.list(target().getParent())) {
      assertEquals(List.of(folder.resolve("new").resolve("archive.lock")), files.toList());
    }
  }
}
