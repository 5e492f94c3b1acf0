package org.agr4j.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import org.nd4j.parameterserver.distributed.v2.transport.PortSupplier;

/**
 * A UDP port that was free when it was first asked for, the same for all of a Java machine. DL4J
 * asks several times and expects one answer; its own {@code StaticPortSupplier} says 49876 in every
 * Java machine, whatever it was told, so that two on one host would talk to themselves.
 */
final class FreePort implements PortSupplier {
  private static final long serialVersionUID = 1L;

  private static int port;

  @Override
  public int getPort() {
    synchronized (FreePort.class) {
      if (port == 0) {
        try (DatagramSocket socket = new DatagramSocket()) {
          port = socket.getLocalPort();
        } catch (IOException e) {
          throw new UncheckedIOException("no UDP port is free", e);
        }
      }
      return port;
    }
  }

  /** Another one from now on. */
  static synchronized void takeNew() {
    port = 0;
  }
}
