package io.keyturn.bench.jmh;

import io.keyturn.bench.BenchException;
import io.keyturn.bench.BenchStack;
import io.keyturn.bench.rotation.RotatedSecret;
import io.keyturn.local.Strategy;
import io.keyturn.local.secretsmanager.LocalSecretsManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code bench jmh}: the few inner things whose time matters, by JMH. */
@Command(
    name = "jmh",
    description = "Measure inner things by JMH, with a PostgreSQL and a local Secrets Manager up.",
    mixinStandardHelpOptions = true)
public final class JmhCommand implements Callable<Integer> {
  static final String SECRET_ID = "SECRET_ID";

  @Parameters(
      paramLabel = "ARGUMENT",
      description = "JMH's own, behind --; such as: -- -f 3 WarmQuery, or: -- -h")
  private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException {
    try (BenchStack stack = BenchStack.start()) {
      return run(stack, new RotatedSecret(stack, "queried", Strategy.SINGLE).arn());
    }
  }

  /**
   * In a process of its own, whose environment is that of JMH's, and tells the way to the secret.
   */
  private int run(BenchStack stack, String secretArn) throws InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.openjdk.jmh.Main"));
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
                LocalSecretsManager.REGION,
                "AWS_ACCESS_KEY_ID",
                "local",
                "AWS_SECRET_ACCESS_KEY",
                "local"));
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new BenchException("JMH could not be started with " + command.get(0) + ": " + e, e);
    }
    try {
      return process.waitFor();
    } finally {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }
}
