package io.keyturn.local.lambda;

import io.keyturn.local.support.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Starts the processes of functions from a temporary folder that contains their files. */
final class ProcessLauncher implements AutoCloseable {
  /** The program that Lambda's OS-only runtimes start, if the function's package contains it. */
  private static final String BOOTSTRAP = "bootstrap";

  private final Path folder;
  private final UnpackedCode code;
  private final String classpath;
  private final Path nativeLibrary;
  private boolean closed;

  /**
   * @param parent where to make the folder
   */
  ProcessLauncher(Path parent) {
    try {
      folder = Files.createTempDirectory(parent, "keyturn-lambda-").toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException("A temporary folder could not be created in " + parent, e);
    }
    try {
      code = new UnpackedCode(folder);
      nativeLibrary = NativeLibrary.unpack(folder);
      classpath = RuntimeClasspath.create(folder.resolve("runtime"));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  synchronized FunctionProcess launch(
      FunctionDefinition function, int number, String runtimeApi, Consumer<String> lines) {
    return launch(function, FunctionJvm.running(), number, runtimeApi, lines);
  }

  synchronized FunctionProcess launch(
      FunctionDefinition function,
      FunctionJvm jvm,
      int number,
      String runtimeApi,
      Consumer<String> lines) {
    if (closed) {
      throw new IllegalStateException("The local Lambda is closed");
    }
    Path task = code.of(function.jar());
    Path bootstrap = task.resolve(BOOTSTRAP);
    boolean ownRuntime = Files.isRegularFile(bootstrap);
    return FunctionProcess.start(
        ownRuntime ? List.of(bootstrap.toString()) : command(function, jvm),
        !ownRuntime,
        task,
        environment(function, runtimeApi, task),
        function.name() + " " + number,
        lines);
  }

  private List<String> command(FunctionDefinition function, FunctionJvm jvm) {
    List<String> command =
        new ArrayList<>(
            List.of(
                jvm.java().toString(),
                // What Lambda's managed runtimes use; they leave 15 % of the memory to all but the
                // heap.
                "-XX:MaxHeapSize=" + function.memorySize() * 1024L * 85 / 100 + "k",
                // A JVM starts with a 64th of the machine's memory as its heap, and with 8 MB at
                // least. In Lambda the machine has the function's memory.
                "-XX:InitialHeapSize=%sk"
                    .formatted(Math.max(8 * 1024, function.memorySize() * 1024L / 64)),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                // Lambda's locale is UTF-8, which this machine may not have.
                "-Dfile.encoding=UTF-8",
                // A core dump would contain the function's secrets.
                "-XX:-CreateCoredumpOnCrash",
                "-D" + NativeLibrary.PROPERTY + "=" + nativeLibrary,
                // Without it JDK 24 and later log a warning.
                "--enable-native-access=ALL-UNNAMED"));
    command.addAll(jvm.options());
    command.addAll(
        List.of("-classpath", classpath, EnvironmentMain.class.getName(), function.handler()));
    return command;
  }

  /** See https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html. */
  static Map<String, String> environment(
      FunctionDefinition function, String runtimeApi, Path task) {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("LANG", "en_US.UTF-8");
    variables.put("TZ", ":UTC");
    variables.put("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin");
    variables.putAll(function.environment());
    String region = function.arn().split(":", -1)[3];
    variables.put("AWS_REGION", region);
    variables.put("AWS_DEFAULT_REGION", region);
    variables.put("AWS_ACCESS_KEY_ID", function.accessKeyId());
    variables.put("AWS_SECRET_ACCESS_KEY", "local");
    variables.put("AWS_SESSION_TOKEN", "local");
    variables.put("AWS_LAMBDA_FUNCTION_NAME", function.name());
    variables.put("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
    variables.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", String.valueOf(function.memorySize()));
    variables.put("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    variables.putIfAbsent("AWS_LAMBDA_LOG_FORMAT", "Text");
    variables.put("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + function.name());
    variables.put("AWS_LAMBDA_LOG_STREAM_NAME", "local");
    variables.put("AWS_LAMBDA_RUNTIME_API", runtimeApi);
    variables.put("LAMBDA_TASK_ROOT", task.toString());
    variables.put("_HANDLER", function.handler());
    return variables;
  }

  /** Deletes the folder; no process may be left. */
  @Override
  public synchronized void close() {
    closed = true;
    try {
      RunFolder.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("The temporary folder " + folder + " could not be deleted", e);
    }
  }
}
