package io.keyturn.local.cli;

import io.keyturn.local.support.StackException;
import io.keyturn.local.template.TemplateException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line of the local stack. The commands are {@code rehearse} (the default), {@code
 * serve}, {@code check} and {@code package}.
 */
@Command(
    name = "keyturn",
    description =
        "Rotates the passwords of a real PostgreSQL while querying it, with the packaged functions, on this machine.",
    subcommands = {
      RehearseCommand.class,
      ServeCommand.class,
      CheckCommand.class,
      PackageCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = KeyturnVersion.class,
    synopsisSubcommandLabel = "[rehearse | serve | check | package]")
public final class Keyturn {
  private static final List<String> OWN_OPTIONS = List.of("-h", "--help", "-V", "--version");

  private Keyturn() {}

  /**
   * Runs a command. The exit code is 0 if it succeeded, 1 if it failed and 2 if its arguments are
   * wrong.
   */
  public static void main(String[] args) {
    System.exit(run(new CommandLine(new Keyturn()), args));
  }

  /** Runs a command as {@link #main} does, and returns the exit code. */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    return run(new CommandLine(new Keyturn()).setOut(out).setErr(err), args);
  }

  private static int run(CommandLine command, String... args) {
    return command
        .setExecutionExceptionHandler(Keyturn::report)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(withDefaultCommand(args));
  }

  /** Without a command, the options are those of {@code rehearse}. */
  private static String[] withDefaultCommand(String[] args) {
    if (args.length > 0 && (!args[0].startsWith("-") || OWN_OPTIONS.contains(args[0]))) {
      return args;
    }
    List<String> all = new ArrayList<>(List.of("rehearse"));
    all.addAll(Arrays.asList(args));
    return all.toArray(String[]::new);
  }

  /**
   * Prints one line for a problem that the user can solve. Anything else is a defect, and is
   * printed with its stack trace.
   */
  private static int report(
      Exception failure, CommandLine command, CommandLine.ParseResult arguments) {
    if (failure instanceof StackException || failure instanceof TemplateException) {
      command.getErr().println("keyturn: " + failure.getMessage());
    } else {
      failure.printStackTrace(command.getErr());
    }
    return command.getCommandSpec().exitCodeOnExecutionException();
  }
}
