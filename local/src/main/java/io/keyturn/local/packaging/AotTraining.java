package io.keyturn.local.packaging;

import io.keyturn.local.lambda.InvocationResult;
import io.keyturn.local.secretsmanager.rotation.RotationListener;
import io.keyturn.local.secretsmanager.rotation.RotationReport;
import io.keyturn.local.stack.LocalStack;
import io.keyturn.local.support.LocalTls;
import io.keyturn.local.support.StackException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Creates the AOT caches of functions from the classes that they load in rotations and queries of
 * the local stack.
 */
final class AotTraining {
  /** The file of a recording, next to bootstrap, in the working directory of the process. */
  private static final String RECORDING = "function.aotconf";

  private static final int ROTATIONS = 3;
  private static final int QUERIES = 20;
  private static final int TIME_LIMIT_SECONDS = 120;

  private final List<FunctionPackage> packages;

  AotTraining(List<FunctionPackage> packages) {
    this.packages = packages;
  }

  /**
   * Further environment variables of a function while it is recorded.
   *
   * <p>They record classes, but not profiles of methods. With profiles a JVM compiles methods at
   * its start that it has not called yet, and a cold rotation ends before that pays.
   */
  static String toolOptions(LocalTls tls) {
    return tls.trustProperties().entrySet().stream()
        .map(property -> "-D" + property.getKey() + "=" + property.getValue())
        .collect(
            Collectors.joining(
                " ",
                "-XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining -XX:AOTMode=record -XX:AOTConfiguration=%s "
                    .formatted(RECORDING),
                ""));
  }

  void run(LocalStack stack) throws InterruptedException {
    for (int n = 0; n < ROTATIONS; n++) {
      query(stack);
      rotate(stack);
    }
    query(stack);
    for (String function : List.of(stack.rotationFunctionArn(), stack.queryFunction())) {
      end(stack.lambda().processes(function));
    }
    for (FunctionPackage made : packages) {
      assemble(made);
    }
  }

  private static void query(LocalStack stack) {
    for (int n = 0; n < QUERIES; n++) {
      InvocationResult answer =
          stack
              .lambda()
              .invokeSync(
                  stack.queryFunction(),
                  """
                  {"sql": "SELECT :number + 1", "parameters": [{"name": "number", "value": {"longValue": %d}}]}"""
                      .formatted(n));
      if (answer.error().isPresent()) {
        throw new StackException("A training query failed: " + answer.error().get());
      }
    }
  }

  private static void rotate(LocalStack stack) throws InterruptedException {
    CompletableFuture<RotationReport> ended = new CompletableFuture<>();
    stack.secretsManager().addRotationListener(RotationListener.ofEnds(ended::complete));
    stack.rotate(UUID.randomUUID().toString());
    try {
      RotationReport report = ended.get(TIME_LIMIT_SECONDS, TimeUnit.SECONDS);
      if (!report.succeeded()) {
        throw new StackException("A training rotation failed: " + report);
      }
    } catch (TimeoutException e) {
      throw new StackException(
          "A training rotation took longer than " + TIME_LIMIT_SECONDS + " s", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Stops the processes. A JVM writes its recording when it ends normally. */
  private static void end(List<ProcessHandle> processes) throws InterruptedException {
    for (ProcessHandle process : processes) {
      process.destroy();
      try {
        process.onExit().get(TIME_LIMIT_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        throw new StackException(
            "Function process " + process.pid() + " did not end, so it recorded nothing", e);
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void assemble(FunctionPackage made) {
    Path recording = made.folder().resolve(RECORDING);
    if (!Files.isRegularFile(recording)) {
      throw new StackException("The JVM did not write its recording to " + recording);
    }
    // With bootstrap the JVM has the same flags and class path. In this mode it does not run the
    // function.
    Tool.run(
        made.folder(),
        made.bootstrap(),
        List.of(),
        Map.of(
            "JAVA_TOOL_OPTIONS",
            "-XX:AOTMode=create -XX:AOTConfiguration=%s -XX:AOTCache=%s"
                .formatted(RECORDING, made.cache().getFileName())));
    try {
      Files.delete(recording);
      // Not older than any jar.
      Files.setLastModifiedTime(made.cache(), PackageZip.TIME);
    } catch (IOException e) {
      throw new UncheckedIOException(recording + " could not be deleted", e);
    }
  }
}
