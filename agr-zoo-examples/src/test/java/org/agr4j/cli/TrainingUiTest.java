package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.input.BadInputException;
import org.agr4j.zoo.ResNet;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class TrainingUiTest {
  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static String get(String address) throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(address)).build(),
                HttpResponse.BodyHandlers.ofString());
    assertEquals(200, response.statusCode(), address);
    return response.body();
  }

  /** What the page draws its score chart from. */
  @Test
  void showsTheScoreOfATraining() throws Exception {
    int port = freePort();
    try (TrainingUi ui = new TrainingUi(InetAddress.getLoopbackAddress(), port)) {
      assertEquals("http://127.0.0.1:" + port + "/train", ui.address());
      ComputationGraph graph =
          ResNet.resNet18().width(1).inputShape(3, 8, 8).numClasses(2).build().init();
      graph.setListeners(ui.listener());
      DataSet batch =
          new DataSet(Nd4j.rand(2, 3, 8, 8), Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}}));
      for (int step = 0; step < 12; step++) {
        graph.fit(batch);
      }
      assertTrue(get("http://localhost:" + port + "/train/overview").contains("Score"));
      String data = "";
      for (int wait = 0; wait < 100; wait++) {
        Thread.sleep(100); // the statistics reach the page on a thread of their own
        data = get("http://localhost:" + port + "/train/overview/data").replace(" ", "");
        if (data.matches("(?s).*\"scores\":\\[[0-9].*")) {
          return;
        }
      }
      throw new AssertionError("no scores in " + data);
    }
  }

  /** Local addresses, in Linux's hexadecimal digits, on which somebody listens at that port. */
  private static List<String> listening(int port) throws Exception {
    List<String> addresses = new ArrayList<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      if (Files.exists(Path.of(table))) {
        for (String line : Files.readAllLines(Path.of(table))) {
          String[] fields = line.strip().split("\\s+");
          if (fields[1].endsWith(":%04X".formatted(port)) && fields[3].equals("0A")) {
            addresses.add(fields[1].replaceFirst(":.*", ""));
          }
        }
      }
    }
    return addresses;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"127.0.0.1, false", "::1, false", "0.0.0.0, true"})
  void listensWhereItIsTold(String address, boolean othersReachIt) throws Exception {
    InetAddress listening = InetAddress.getByName(address);
    assumeTrue(
        listening.isAnyLocalAddress() || NetworkInterface.getByInetAddress(listening) != null);
    int port = freePort();
    StringWriter said = new StringWriter();
    try (TrainingUi ui = new TrainingUi(listening, port)) {
      ui.announce(new PrintWriter(said, true));
      assertTrue(get(ui.address()).contains("<html"));
      List<String> found = listening(port);
      assumeTrue(!found.isEmpty(), "/proc/net");
      for (String hex : found) {
        boolean loopback = hex.matches("(0{16}F{4}0000)?0100007F|0{24}01000000");
        assertEquals(!othersReachIt, loopback, found.toString());
      }
    }
    assertEquals(othersReachIt, said.toString().contains("no password"), said.toString());
  }

  @Test
  void anAddressOfAnotherMachineIsRefused() {
    String message =
        assertThrows(
                BadInputException.class,
                () -> UiAddressOption.ofThisMachine("--ui-address", "192.0.2.1"))
            .getMessage();
    assertEquals(
        "--ui-address is 192.0.2.1, expected an address of this machine, such as 127.0.0.1",
        message);
  }

  @Test
  void namesATakenPort() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      String message =
          assertThrows(
                  BadInputException.class,
                  () -> new TrainingUi(InetAddress.getLoopbackAddress(), taken.getLocalPort()))
              .getMessage();
      assertTrue(message.startsWith("--ui is " + taken.getLocalPort() + ": "), message);
      assertTrue(message.endsWith("expected a free port such as 9001"), message);
    }
  }
}
