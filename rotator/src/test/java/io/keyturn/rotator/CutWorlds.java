package io.keyturn.rotator;

import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A test class's worlds, a few in two databases, in which many cases are run side by side. */
final class CutWorlds implements BeforeAllCallback, AfterAllCallback {
  private static final int WORLDS = 6;

  private final BlockingQueue<CutWorld> worlds = new LinkedBlockingQueue<>();
  private ExecutorService threads;
  private TestDatabase database;
  private TestDatabase second;

  @Override
  public void beforeAll(ExtensionContext context) throws SQLException {
    threads = Executors.newFixedThreadPool(WORLDS);
    database = TestDatabase.create("cuts");
    second = TestDatabase.create("more_cuts");
    for (int i = 0; i < WORLDS; i++) {
      TestRole admin = database.createRole("admin", "LOGIN CREATEROLE");
      database.run(
          "ALTER ROLE "
              + admin.quoted()
              + " PASSWORD '"
              + TestPostgres.verifier(admin.password())
              + "'");
      database.run("GRANT CREATE ON SCHEMA public TO " + admin.quoted());
      worlds.add(new CutWorld(List.of(database, second), admin));
    }
  }

  /** What is done in a world that nobody else uses meanwhile. */
  interface InWorld<T> {
    T run(CutWorld world) throws Exception;
  }

  <T> T inWorld(InWorld<T> work) throws Exception {
    CutWorld world = worlds.take();
    try {
      return work.run(world);
    } finally {
      worlds.add(world);
    }
  }

  /** Runs every case in a world, and then tells of each that failed. */
  void runAll(List<InWorld<Void>> cases) throws InterruptedException {
    Map<String, Throwable> failures = new LinkedHashMap<>();
    List<Callable<Void>> tasks =
        cases.stream().<Callable<Void>>map(work -> () -> inWorld(work)).toList();
    for (Future<Void> done : threads.invokeAll(tasks)) {
      try {
        done.get();
      } catch (ExecutionException e) {
        failures.put(e.getCause().getMessage(), e.getCause());
      }
    }
    if (!failures.isEmpty()) {
      AssertionError all =
          new AssertionError(
              "%d of %d cases failed:%n%s"
                  .formatted(failures.size(), cases.size(), String.join("\n", failures.keySet())));
      failures.values().stream().limit(3).forEach(all::addSuppressed);
      throw all;
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws SQLException {
    threads.shutdownNow();
    worlds.forEach(CutWorld::close);
    if (second != null) {
      second.close();
    }
    if (database != null) {
      database.close();
    }
  }
}
