package io.keyturn.local;

import io.keyturn.local.template.TemplateException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/**
 * The command line of the local stack: {@code rehearse}, which is the default, {@code serve} and
 * {@code package}.
 */
@Command(
    name = "keyturn",
    description =
        "Rotates a real PostgreSQL password and queries through it, with the packaged functions, on this machine.",
    subcommands = {RehearseCommand.class, ServeCommand.class, PackageCommand.class},
    mixinStandardHelpOptions = true,
    versionProvider = Keyturn.Version.class,
    synopsisSubcommandLabel = "[rehearse | serve | package]")
public final class Keyturn {
  private static final List<String> OWN_OPTIONS = List.of("-h", "--help", "-V", "--version");

  private Keyturn() {}

  /**
   * Runs a command; exits with 0 if it did what it is for, 1 if not, 2 if it was called wrongly.
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

  /** Without a command, options are those of {@code rehearse}. */
  private static String[] withDefaultCommand(String[] args) {
    if (args.length > 0 && (!args[0].startsWith("-") || OWN_OPTIONS.contains(args[0]))) {
      return args;
    }
    List<String> all = new ArrayList<>(List.of("rehearse"));
    all.addAll(Arrays.asList(args));
    return all.toArray(String[]::new);
  }

  /**
   * What a user can mend is said in a line; whatever else happened is a defect, and shown whole.
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

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Keyturn.class.getPackage().getImplementationVersion();
      return new String[] {"keyturn " + (version == null ? "(not packaged)" : version)};
    }
  }
}
