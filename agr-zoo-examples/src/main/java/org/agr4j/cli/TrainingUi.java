package org.agr4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.ServerSocket;
import org.agr4j.data.BadInputException;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.ui.api.UIServer;
import org.deeplearning4j.ui.model.stats.StatsListener;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;

/**
 * DL4J's training UI: a web page with the score and each layer's statistics while a run goes on.
 */
final class TrainingUi implements AutoCloseable {
  private static final String PORT_PROPERTY = "org.deeplearning4j.ui.port";
  private static final int STEPS_BETWEEN_POINTS = 5;

  private final UIServer server;
  private final InMemoryStatsStorage storage = new InMemoryStatsStorage();

  /**
   * Starts the server.
   *
   * @param port of the page on this machine
   * @throws BadInputException if another process has the port
   */
  TrainingUi(int port) {
    try {
      new ServerSocket(port).close(); // DL4J only logs that a port is taken, and has no page then
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInputException(
          "--ui is %d: %s, expected a free port such as 9001".formatted(port, e.getMessage()), e);
    }
    System.setProperty(PORT_PROPERTY, Integer.toString(port));
    server = UIServer.getInstance();
    server.attach(storage);
  }

  /** Where to look. */
  String address() {
    return server.getAddress() + "/train";
  }

  /** What reports a network's training to the page. */
  TrainingListener listener() {
    return new StatsListener(storage, STEPS_BETWEEN_POINTS);
  }

  /** Leaves a person at a terminal the time to look. */
  void waitForReader(PrintWriter lines) {
    if (System.console() != null) {
      lines.println("The charts stay at " + address() + " until you press Enter.");
      System.console().readLine();
    }
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
