package org.agr4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.agr4j.data.BadInputException;
import org.agr4j.zoo.ResNet;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
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
    try (TrainingUi ui = new TrainingUi(port)) {
      assertTrue(ui.address().endsWith(":" + port + "/train"), ui.address());
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

  @Test
  void namesATakenPort() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      String message =
          assertThrows(BadInputException.class, () -> new TrainingUi(taken.getLocalPort()))
              .getMessage();
      assertTrue(message.startsWith("--ui is " + taken.getLocalPort() + ": "), message);
      assertTrue(message.endsWith("expected a free port such as 9001"), message);
    }
  }
}
