package io.keyturn.bench.measure;

import io.keyturn.local.support.LocalAccount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs a main class of this class path in a new JVM. Its environment names the stack and a secret,
 * as that of a function does.
 */
public final class ForkedJvm {
  static final String SECRET_ID = "SECRET_ID";

  private ForkedJvm() {}

  /**
   * Runs it until it ends. Its output goes to the output of this process.
   *
   * @param arguments of the JVM, the main class and its own
   * @return its exit code
   */
  public static int run(BenchStack stack, String secretArn, List<String> arguments)
      throws InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path")));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder
        .environment()
        .putAll(
            Map.of(
                SECRET_ID,
                secretArn,
                "AWS_ENDPOINT_URL",
                stack.endpoint().toString(),
                "AWS_REGION",
                LocalAccount.REGION,
                "AWS_ACCESS_KEY_ID",
                "local",
                "AWS_SECRET_ACCESS_KEY",
                "local"));
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new BenchException(command.get(0) + " could not be started: " + e, e);
    }
    try {
      return process.waitFor();
    } finally {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }
}
