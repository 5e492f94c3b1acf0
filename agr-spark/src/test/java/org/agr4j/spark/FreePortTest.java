package org.agr4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.DatagramSocket;
import org.junit.jupiter.api.Test;

class FreePortTest {
  @Test
  void isOneAndFreeUntilAnotherIsWanted() throws IOException {
    FreePort.takeNew();
    int port = new FreePort().getPort();
    assertEquals(port, new FreePort().getPort());
    try (DatagramSocket taken = new DatagramSocket(port)) {
      assertEquals(port, taken.getLocalPort());
      FreePort.takeNew();
      int other = new FreePort().getPort();
      try (DatagramSocket free = new DatagramSocket(other)) {
        assertEquals(other, free.getLocalPort());
      }
    }
  }
}
