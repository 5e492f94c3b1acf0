package org.agr4j.spark;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.agr4j.input.BadInputException;
import org.apache.spark.SparkConf;

/**
 * The addresses of this machine on which the driver's process listens. Both are loopback unless a
 * user names others: neither Spark's page nor, unless {@code spark.authenticate} is set, Spark's
 * driver asks for a password.
 *
 * @param page of Spark's web page
 * @param driver at which executors reach the driver; null for loopback, where they can reach it
 */
record DriverAddresses(InetAddress page, InetAddress driver) {
  private static final String HOST = "spark.driver.host";

  /** Addresses that only this machine reaches. */
  static final DriverAddresses LOOPBACK =
      new DriverAddresses(InetAddress.getLoopbackAddress(), null);

  /**
   * Makes the driver listen there, and nowhere else.
   *
   * @param conf with the master and what the user sets; modified
   * @param towardsMaster the address of this machine that leads to the master; null if not known
   * @throws BadInputException if executors on other machines need an address that was not named
   */
  void set(SparkConf conf, InetAddress towardsMaster) {
    String master = conf.get("spark.master");
    if (driver != null) {
      conf.set(HOST, driver.getHostAddress());
    } else if (!isNamedOtherwise(conf)) {
      boolean here =
          master.startsWith("local") || towardsMaster != null && towardsMaster.isLoopbackAddress();
      if (!here) {
        throw new BadInputException(
            "--driver-address is not given, expected the address of this machine at which executors"
                + " reach it%s"
                    .formatted(towardsMaster == null ? "" : ": " + towardsMaster.getHostAddress()));
      }
      conf.set(HOST, InetAddress.getLoopbackAddress().getHostAddress());
    }
  }

  /** By Spark's own means, or the cluster chooses the driver's machine. */
  private static boolean isNamedOtherwise(SparkConf conf) {
    return conf.contains(HOST)
        || conf.contains("spark.driver.bindAddress")
        || System.getenv("SPARK_LOCAL_IP") != null
        || conf.get("spark.submit.deployMode", "client").equals("cluster");
  }

  /** A line for each that other machines can reach. */
  List<String> warnings(SparkConf conf) {
    List<String> warnings = new ArrayList<>();
    if (conf.getBoolean("spark.ui.enabled", true) && !page.isLoopbackAddress()) {
      warnings.add(
          "Spark's page listens on %s and has no password: other machines can watch, too."
              .formatted(page.getHostAddress()));
    }
    if (driver != null
        && !driver.isLoopbackAddress()
        && !conf.getBoolean("spark.authenticate", false)) {
      warnings.add(
          "Spark's driver listens on %s and has no password: see spark.authenticate in docs/spark.md."
              .formatted(driver.getHostAddress()));
    }
    return warnings;
  }
}
