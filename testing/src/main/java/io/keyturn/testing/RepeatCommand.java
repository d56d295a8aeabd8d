package io.keyturn.testing;

import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Adds the command that repeats a {@link Sampled} test to its failure. */
final class RepeatCommand implements TestExecutionExceptionHandler {
  /** The properties that say how many cases there are: another number would draw others. */
  private static final String EXTENTS = "keyturn\\.(cuts|kills|windows).*";

  /** Has no stack trace, so that a report shows only the command. */
  private static final class Repeat extends Exception {
    private static final long serialVersionUID = 1;

    Repeat(String command) {
      super("Repeat these cases with: " + command, null, false, false);
    }
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    failure.addSuppressed(new Repeat(of(context.getRequiredTestClass())));
    throw failure;
  }

  static String of(Class<?> test) {
    String name = test.getSimpleName();
    StringBuilder command =
        new StringBuilder("mvn -B verify -am -pl ")
            .append(Path.of("").toAbsolutePath().getFileName());
    // Maven chooses unit tests and integration tests by different properties.
    command.append(name.endsWith("IT") ? " -Dtest=None -Dit.test=" : " -Dtest=").append(name);
    command.append(
        " -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false");
    command.append(" -D%s=%d".formatted(Seed.PROPERTY, Seed.value()));
    for (String property : new TreeSet<>(System.getProperties().stringPropertyNames())) {
      if (property.matches(EXTENTS)) {
        command.append(" -D%s=%s".formatted(property, System.getProperty(property)));
      }
    }
    return command.toString();
  }
}
