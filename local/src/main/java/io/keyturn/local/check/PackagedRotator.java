package io.keyturn.local.check;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.lambda.InProcessContext;
import io.keyturn.local.support.StackException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The rotator's jar, called in this process: with the environment variables of the shell as those
 * of the function, its AWS credentials, and the network of this machine.
 */
public final class PackagedRotator implements AutoCloseable {
  private static final String HANDLER = "io.keyturn.rotator.RotationHandler";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URLClassLoader loader;
  private final RequestStreamHandler handler;
  private final Duration timeout;
  private final Consumer<String> log;

  /**
   * Loads the jar.
   *
   * @param timeout how long one check may take
   * @param log receives what the function logs
   */
  public PackagedRotator(Path jar, Duration timeout, Consumer<String> log) {
    if (!Files.isRegularFile(jar)) {
      throw new StackException(
          "There is no rotator at %s: build it with mvn -q -DskipTests package, or name it with --jar"
              .formatted(jar));
    }
    this.timeout = timeout;
    this.log = log;
    try {
      loader =
          new URLClassLoader(
              new URL[] {jar.toUri().toURL()}, PackagedRotator.class.getClassLoader());
      handler =
          (RequestStreamHandler) loader.loadClass(HANDLER).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException | IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StackException("%s cannot be used: %s".formatted(jar, cause.getMessage()), e);
    }
  }

  /** Checks a secret; the report's keys are in docs/check.md. */
  public JsonNode check(String secretId) {
    try {
      ByteArrayOutputStream report = new ByteArrayOutputStream();
      handler.handleRequest(
          new ByteArrayInputStream(JSON.writeValueAsBytes(Map.of("Check", secretId))),
          report,
          // Without an ARN the check does not compare the secret's function with this one.
          new InProcessContext("keyturn-check", "", timeout, log));
      return JSON.readTree(report.toByteArray());
    } catch (IOException e) {
      throw new StackException(
          "The check of %s gave no report: %s".formatted(secretId, e.getMessage()), e);
    }
  }

  @Override
  public void close() throws IOException {
    loader.close();
  }
}
