package org.agr4j.cli;

import java.io.PrintWriter;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletionException;
import org.agr4j.input.BadInputException;
import org.agr4j.launch.Terminal;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.ui.model.stats.StatsListener;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;

/**
 * DL4J's training UI: a web page with the score and each layer's statistics while a run goes on.
 */
final class TrainingUi implements AutoCloseable {
  private static final int STEPS_BETWEEN_POINTS = 5;

  private final InetAddress listening;
  private final UiServer server;
  private final InMemoryStatsStorage storage = new InMemoryStatsStorage();

  /**
   * Starts the server.
   *
   * @param address of this machine, on which alone the page can be reached
   * @param port of the page
   * @throws BadInputException if another process has the port, or there is no temporary folder
   */
  TrainingUi(InetAddress address, int port) {
    listening = address;
    try {
      server = UiServer.start(address, port);
    } catch (CompletionException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw new BadInputException(
          "--ui is %d: %s, expected a free port such as 9001".formatted(port, cause.getMessage()),
          e);
    } catch (IllegalStateException e) {
      throw new BadInputException(
          "--ui needs a temporary folder: %s; name one with AGR_JAVA_OPTS=-Djava.io.tmpdir=DIR"
              .formatted(e.getMessage()),
          e);
    }
    server.attach(storage);
  }

  /** Where to look. */
  String address() {
    return "http://" + host() + ":" + server.getPort() + "/train";
  }

  private String host() {
    if (listening.isAnyLocalAddress()) {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return "localhost";
      }
    }
    String numbers = listening.getHostAddress();
    return listening instanceof Inet6Address ? "[" + numbers + "]" : numbers;
  }

  /** What reports a network's training to the page. */
  TrainingListener listener() {
    return new StatsListener(storage, STEPS_BETWEEN_POINTS);
  }

  /** Tells where the page is, and who else can see it. */
  void announce(PrintWriter lines) {
    lines.println("Watch it at " + address());
    if (!listening.isLoopbackAddress()) {
      lines.println("That page has no password: other machines that reach it can watch, too.");
    }
  }

  /** Leaves a person at a terminal the time to look. */
  void waitForReader(PrintWriter lines) {
    if (Terminal.isInteractive()) {
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
