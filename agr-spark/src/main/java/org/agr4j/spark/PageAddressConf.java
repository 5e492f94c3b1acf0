package org.agr4j.spark;

import java.net.InetAddress;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/**
 * Spark's settings, with an address for Spark's web page, which has no setting for it: the page
 * asks its {@code SparkConf} for the environment variable SPARK_LOCAL_IP, and listens on every
 * address of the machine where there is none. A variable that is really set is left as it is.
 */
final class PageAddressConf extends SparkConf {
  private static final long serialVersionUID = 1L;
  private static final String VARIABLE = "SPARK_LOCAL_IP";

  private final InetAddress address;

  /**
   * The settings that spark-submit or system properties make.
   *
   * @param address on which Spark's page listens
   */
  PageAddressConf(InetAddress address) {
    this(address, true);
  }

  private PageAddressConf(InetAddress address, boolean loadDefaults) {
    super(loadDefaults);
    this.address = address;
  }

  @Override
  public String getenv(String name) {
    String set = super.getenv(name);
    return set == null && name.equals(VARIABLE) ? address.getHostAddress() : set;
  }

  /** A copy, which is what Spark works with. */
  @Override
  public PageAddressConf clone() {
    PageAddressConf copy = new PageAddressConf(address, false);
    for (Tuple2<String, String> setting : getAll()) {
      copy.set(setting._1(), setting._2());
    }
    return copy;
  }
}
