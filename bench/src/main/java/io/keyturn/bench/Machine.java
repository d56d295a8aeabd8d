package io.keyturn.bench;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/** Where a benchmark runs, which its numbers depend on. */
public final class Machine {
  private Machine() {}

  public static String description() {
    return System.getProperty("os.name")
        + " "
        + System.getProperty("os.version")
        + " "
        + System.getProperty("os.arch")
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " processors";
  }

  /** How many processes wanted a processor in the last minute. */
  public static String load() {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    return load < 0 ? "-" : String.format(Locale.ROOT, "%.2f", load);
  }
}
