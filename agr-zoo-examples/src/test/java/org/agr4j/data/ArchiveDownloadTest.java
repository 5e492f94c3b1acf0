package org.agr4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveDownloadTest {
  private static final byte[] CONTENT = "hello".getBytes(StandardCharsets.UTF_8);
  private static final String MD5 = "5d41402abc4b2a76b9719d911017c592";

  @TempDir Path folder;
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/file",
        exchange -> {
          exchange.sendResponseHeaders(200, CONTENT.length);
          exchange.getResponseBody().write(CONTENT);
          exchange.close();
        });
    server.createContext(
        "/moved",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/file");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.createContext(
        "/broken",
        exchange -> {
          exchange.sendResponseHeaders(200, CONTENT.length + 5);
          exchange.getResponseBody().write(CONTENT);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private URI uri(String path) {
    return URI.create("http://localhost:" + server.getAddress().getPort() + path);
  }

  private Path target() {
    return folder.resolve("new").resolve("archive");
  }

  @Test
  void keepsTheExpectedFile() throws IOException {
    AtomicLong progress = new AtomicLong();
    ArchiveDownload.fetch(uri("/moved"), target(), 5, MD5, progress::set);
    assertArrayEquals(CONTENT, Files.readAllBytes(target()));
    assertEquals(5, progress.get());
    assertNothingElse(target().getFileName());
  }

  @Test
  void refusesAnotherFile() throws IOException {
    String expected = "00000000000000000000000000000000";
    assertRefused("/file", 5, expected, "gave 5 bytes with MD5 " + MD5, "with MD5 " + expected);
    assertRefused("/file", 6, MD5, "gave 5 bytes", "expected 6 bytes");
    assertNothingElse(null);
  }

  @Test
  void saysWhatTheServerSaid() {
    assertRefused("/none", 5, MD5, "/none answered 404, expected 200");
    assertRefused("/broken", 10, MD5, "/broken cannot be downloaded to " + target());
    assertFalse(Files.exists(target()));
  }

  @Test
  void saysWhatCannotBeReached() {
    server.stop(0);
    assertRefused("/file", 5, MD5, "/file cannot be downloaded to " + target());
  }

  @Test
  void saysWhatCannotBeWritten() throws IOException {
    Files.createFile(folder.resolve("new"));
    assertRefused("/file", 5, MD5, folder.resolve("new") + " cannot be made a folder");
  }

  private void assertRefused(String path, long bytes, String md5, String... parts) {
    BadInputException e =
        assertThrows(
            BadInputException.class,
            () -> ArchiveDownload.fetch(uri(path), target(), bytes, md5, n -> {}));
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  private void assertNothingElse(Path name) throws IOException {
    try (var files = Files.list(target().getParent())) {
      assertTrue(files.allMatch(file -> file.getFileName().equals(name)));
    }
  }
}
