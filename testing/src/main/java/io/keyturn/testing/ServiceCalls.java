package io.keyturn.testing;

import io.keyturn.local.secretsmanager.LocalSecretsManager;
import io.keyturn.local.secretsmanager.api.RequestLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;

/**
 * Records the AWS calls of the function under test in all tests of a module, to compare them with
 * its role in the template.
 *
 * <p>A line contains the function, the action, the kind of its resource ({@code rotated}, {@code
 * admin} or {@code none}) and the staging label of the request. The lines are written to the file
 * that the build names when the JVM ends, unless only some of the tests run.
 */
public final class ServiceCalls {
  /** The access key id of the function under test. The build sets it in the tests' JVM. */
  private static final String FUNCTION_KEY = System.getProperty("aws.accessKeyId", "");

  private static final String CALLER = System.getProperty("keyturn.calls.caller", "");

  /** The consumer reads only one secret, and its tests need not enable its rotation. */
  private static final boolean ONE_SECRET = CALLER.equals("consumer");

  /**
   * The build that this JVM is part of. Lines of its other JVMs stay, lines of earlier builds do
   * not.
   */
  private static final String BUILD = "# " + System.getProperty("keyturn.calls.build", "");

  /** Properties by which Maven's user chooses among the tests. */
  private static final List<String> FILTERS =
      List.of("test", "it.test", "groups", "excludedGroups");

  private static final Set<String> LINES = new ConcurrentSkipListSet<>();

  static {
    String file = System.getProperty("keyturn.calls.file");
    if (file != null && FILTERS.stream().allMatch(name -> System.getProperty(name) == null)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> write(Path.of(file)), "service-calls"));
    }
  }

  private ServiceCalls() {}

  /** Records the function's requests to this service from now on. */
  static void of(LocalSecretsManager service) {
    service.requests().listen(entry -> record(service, entry));
  }

  /** Records a call whose resource is not a secret, if it is signed with this key's credentials. */
  public static void record(String accessKeyId, String action) {
    if (accessKeyId.equals(FUNCTION_KEY)) {
      LINES.add(CALLER + " " + action + " none");
    }
  }

  private static void record(LocalSecretsManager service, RequestLog.Entry entry) {
    if (entry.caller().equals(FUNCTION_KEY)) {
      if (entry.secretId().isEmpty()) {
        record(entry.caller(), "secretsmanager:" + entry.operation());
      }
      // The kind of a secret that does not exist is unknown.
      entry
          .secretId()
          .flatMap(service::isRotated)
          .ifPresent(
              rotated ->
                  LINES.add(
                      CALLER
                          + " secretsmanager:"
                          + entry.operation()
                          + (rotated || ONE_SECRET ? " rotated" : " admin")
                          + entry.versionStage().map(label -> " " + label).orElse("")));
    }
  }

  private static void write(Path file) {
    try {
      Files.createDirectories(file.getParent());
      // Forks of one build may end at the same time.
      try (FileChannel channel =
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        List<String> before = Files.readAllLines(file);
        Set<String> all = new TreeSet<>(LINES);
        if (lock.isValid() && !before.isEmpty() && before.get(0).equals(BUILD)) {
          all.addAll(before.subList(1, before.size()));
        }
        String text = String.join("\n", Stream.concat(Stream.of(BUILD), all.stream()).toList());
        channel.truncate(0);
        channel.write(ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The service calls of the tests could not be written", e);
    }
  }
}
