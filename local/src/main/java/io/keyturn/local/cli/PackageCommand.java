package io.keyturn.local.cli;

import io.keyturn.local.packaging.FunctionPackages;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keyturn package}: packages both functions with a Java runtime and an AOT cache. */
@Command(
    name = "package",
    description =
        "Package each function with its own Java runtime and an AOT cache, trained with rotations and queries of the local stack, and write a template that deploys the packages.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class PackageCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StackOptions options;

  @Option(
      names = "--java-home",
      paramLabel = "FOLDER",
      description =
          "A JDK 25 or later, for Linux with glibc (default: $JAVA_HOME, or the one that runs this).")
  private Path javaHome;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description =
          "Folder for the packages, which replace those of an earlier run (default: sam/target/aot).")
  private Path out;

  @Override
  public Integer call() throws InterruptedException {
    Path template = options.template();
    Path folder = out == null ? template.resolveSibling("target/aot") : out;
    PrintWriter err = spec.commandLine().getErr();
    FunctionPackages packages =
        new FunctionPackages(
            javaHome(),
            folder,
            line -> {
              err.println(line);
              err.flush();
            });
    Path packaged = packages.make(template, options::stack);
    PrintWriter stdout = spec.commandLine().getOut();
    stdout.printf("Deploy them with: sam deploy --template-file %s%n", packaged);
    stdout.flush();
    return 0;
  }

  private Path javaHome() {
    if (javaHome != null) {
      return javaHome;
    }
    if (Runtime.version().feature() >= 25) {
      return Path.of(System.getProperty("java.home"));
    }
    String home = System.getenv("JAVA_HOME");
    return home == null || home.isEmpty()
        ? Path.of(System.getProperty("java.home"))
        : Path.of(home);
  }
}
