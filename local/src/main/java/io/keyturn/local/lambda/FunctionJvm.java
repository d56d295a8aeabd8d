package io.keyturn.local.lambda;

import java.nio.file.Path;
import java.util.List;

/**
 * The JVM that runs a function.
 *
 * @param home of a JDK or a JRE
 * @param options added after those of Lambda's managed runtimes, so that they override them
 */
public record FunctionJvm(Path home, List<String> options) {
  public FunctionJvm {
    options = List.copyOf(options);
  }

  /** The one that this process runs on, with the managed runtimes' options. */
  public static FunctionJvm running() {
    return new FunctionJvm(Path.of(System.getProperty("java.home")), List.of());
  }

  Path java() {
    return home.resolve("bin").resolve("java");
  }
}
