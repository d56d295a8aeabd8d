package io.keyturn.local.cli;

import io.keyturn.local.lambda.LogSink;
import io.keyturn.local.postgres.GivenServer;
import io.keyturn.local.stack.LocalStack;
import io.keyturn.local.stack.LocalStackBuilder;
import io.keyturn.local.support.CheckoutFile;
import io.keyturn.local.support.StackException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that every command of the local stack has. */
final class StackOptions {
  @Option(
      names = "--template",
      paramLabel = "FILE",
      description =
          "The SAM template to read functions, environment and schedule from (default: sam/template.yaml of this"
              + " checkout).")
  private Path template;

  @Option(
      names = "--postgres",
      paramLabel = "URL",
      description =
          "A running PostgreSQL to use: jdbc:postgresql://host:port/database?user=…&password=… of a role that may create roles (default: an embedded one).")
  private String postgres;

  @Option(names = "--verbose", description = "Print the functions' logs.")
  private boolean verbose;

  /** Returns the builder of a stack with these options. */
  LocalStackBuilder stack() {
    return stack(template());
  }

  /** Returns the same with another template. */
  LocalStackBuilder stack(Path other) {
    LocalStackBuilder builder = LocalStack.builder(other);
    if (postgres != null) {
      builder.postgres(givenServer());
    }
    return verbose ? builder.logs(LogSink.printTo(System.err)) : builder;
  }

  Path template() {
    if (template != null) {
      if (!Files.isRegularFile(template)) {
        throw new StackException("There is no SAM template at " + template);
      }
      return template;
    }
    return ofCheckout("sam/template.yaml", "--template");
  }

  /**
   * Returns a file of this checkout.
   *
   * @param option that names another
   */
  static Path ofCheckout(String file, String option) {
    return CheckoutFile.find(file, StackOptions.class)
        .orElseThrow(
            () ->
                new StackException(
                    "%s was found neither here nor beside this jar: name it with %s"
                        .formatted(file, option)));
  }

  private GivenServer givenServer() {
    try {
      return GivenServer.at(postgres);
    } catch (IllegalArgumentException e) {
      throw new StackException("--postgres: " + e.getMessage(), e);
    }
  }
}
