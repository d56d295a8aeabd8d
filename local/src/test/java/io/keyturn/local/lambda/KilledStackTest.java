package io.keyturn.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.keyturn.local.lambda.handlers.Echo;
import io.keyturn.local.lambda.handlers.Misbehave;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledStackTest {
  @TempDir Path folder;

  /** The stack that is killed: prints the ids of its functions' processes once they work. */
  static final class Stack {
    public static void main(String[] arguments) throws Exception {
      Path jar = Path.of(arguments[0]);
      LocalLambda lambda =
          new LocalLambda(
              LambdaSettings.defaults()
                  .withFolder(jar.getParent())
                  .withLogs(
                      (function, environment, line) -> {
                        if (line.equals("hanging")) {
                          System.out.println("hanging");
                        }
                      }));
      lambda.register(FunctionJar.function(jar, Echo.class));
      lambda.register(FunctionJar.function(jar, Misbehave.class));
      lambda.invokeSync("echo", "1");
      lambda.invokeSync("misbehave", "\"leave a thread\"");
      var hanging = CompletableFuture.runAsync(() -> lambda.invokeSync("misbehave", "\"hang\""));
      lambda.processes("echo").forEach(process -> System.out.println(process.pid()));
      lambda.processes("misbehave").forEach(process -> System.out.println(process.pid()));
      hanging.join();
    }
  }

  @Test
  void functionsEndByThemselvesWhenTheStackIsKilled() throws Exception {
    Path jar = FunctionJar.create(folder);
    Process stack =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-classpath",
                System.getProperty("java.class.path"),
                Stack.class.getName(),
                jar.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<ProcessHandle> functions = new ArrayList<>();
    try (BufferedReader lines = stack.inputReader(StandardCharsets.UTF_8)) {
      boolean hanging = false;
      while (functions.size() < 2 || !hanging) {
        String line = lines.readLine();
        assertThat(line).as("the stack's output").isNotNull();
        if (line.equals("hanging")) {
          hanging = true;
        } else {
          functions.add(ProcessHandle.of(Long.parseLong(line)).orElseThrow());
        }
      }
      assertThat(functions).allMatch(ProcessHandle::isAlive);

      stack.destroyForcibly().waitFor();

      // One waits for its next event, one for ever within an event.
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> functions.stream().noneMatch(ProcessHandle::isAlive));
    } finally {
      stack.destroyForcibly();
      functions.forEach(ProcessHandle::destroyForcibly);
    }
  }
}
