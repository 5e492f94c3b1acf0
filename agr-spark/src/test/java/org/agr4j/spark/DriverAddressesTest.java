package org.agr4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.agr4j.cli.UiAddressOption;
import org.agr4j.input.BadInputException;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

class DriverAddressesTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final InetAddress ALL = UiAddressOption.ofThisMachine("", "0.0.0.0");

  /** Sockets that Spark opens for that connection. */
  private static Set<String> opened(DriverAddresses addresses) {
    Set<String> before = ListeningSockets.of(Stream.of(ProcessHandle.current()));
    try (JavaSparkContext spark =
        ClusterConnection.open(
            "local[2]", 2, 1, addresses, Map.of("spark.ui.showConsoleProgress", "false"))) {
      assertEquals(3, spark.parallelize(List.of(1, 2, 3), 2).count());
      Set<String> sockets = new TreeSet<>(ListeningSockets.of(Stream.of(ProcessHandle.current())));
      sockets.removeAll(before);
      assertTrue(sockets.size() >= 2, "the page's and the driver's: " + sockets);
      return sockets;
    }
  }

  @Test
  void nothingListensBeyondLoopbackUnlessAnAddressIsNamed() {
    assumeTrue(ListeningSockets.canBeListed(), "/proc/net");
    assertEquals(Set.of(), ListeningSockets.beyondLoopback(opened(DriverAddresses.LOOPBACK)));
    Set<String> reachable = ListeningSockets.beyondLoopback(opened(new DriverAddresses(ALL, null)));
    assertEquals(1, reachable.size(), "the page alone: " + reachable);
  }

  @Test
  void executorsOnOtherMachinesNeedAnAddressThatIsNamed() {
    SparkConf conf = conf("spark://192.0.2.1:7077");
    BadInputException refused =
        assertThrows(
            BadInputException.class,
            () -> DriverAddresses.LOOPBACK.set(conf, InetAddress.getByName("192.0.2.7")));
    assertEquals(
        "--driver-address is not given, expected the address of this machine at which executors"
            + " reach it: 192.0.2.7",
        refused.getMessage());
    assertThrows(BadInputException.class, () -> DriverAddresses.LOOPBACK.set(conf("yarn"), null));

    conf.set("spark.driver.host", "192.0.2.8");
    DriverAddresses.LOOPBACK.set(conf, LOOPBACK);
    assertEquals("192.0.2.8", conf.get("spark.driver.host"));
  }

  @Test
  void anAddressThatIsNamedIsTheDriversAndIsWarnedOf() throws Exception {
    InetAddress outer =
        Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
            .findFirst()
            .orElse(null);
    assumeTrue(outer != null, "a network");
    SparkConf conf = conf("spark://192.0.2.1:7077");
    DriverAddresses addresses = new DriverAddresses(ALL, outer);
    addresses.set(conf, null);
    assertEquals(outer.getHostAddress(), conf.get("spark.driver.host"));
    assertEquals(
        List.of(
            "Spark's page listens on 0.0.0.0 and has no password: other machines can watch, too.",
            "Spark's driver listens on "
                + outer.getHostAddress()
                + " and has no password: see spark.authenticate in docs/spark.md."),
        addresses.warnings(conf));
    conf.set("spark.authenticate", "true").set("spark.ui.enabled", "false");
    assertEquals(List.of(), addresses.warnings(conf));
    assertEquals(List.of(), DriverAddresses.LOOPBACK.warnings(conf));
  }

  private static SparkConf conf(String master) {
    return new SparkConf(false).setMaster(master);
  }
}
