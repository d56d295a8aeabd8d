package io.keyturn.bench.measure;

import io.keyturn.local.lambda.FunctionJvm;
import java.io.IOException;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;

/** Describes the machine, on which results depend. */
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

  /** The JVM's version and options, without its path. */
  public static String jvm(FunctionJvm jvm) {
    String version = "of unknown version";
    Path release = jvm.home().resolve("release");
    if (Files.exists(release)) {
      try (Reader reader = Files.newBufferedReader(release)) {
        Properties properties = new Properties();
        properties.load(reader);
        version = properties.getProperty("JAVA_VERSION", version).replace("\"", "");
      } catch (IOException e) {
        throw new BenchException(release + " could not be read: " + e, e);
      }
    }
    return ("JDK " + version + " " + String.join(" ", jvm.options())).strip();
  }

  /** The load average of the last minute. */
  public static String load() {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    return load < 0 ? "-" : String.format(Locale.ROOT, "%.2f", load);
  }
}
