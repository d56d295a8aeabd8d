package io.keyturn.consumer;

import com.amazonaws.services.lambda.crac.Core;
import com.sun.management.HotSpotDiagnosticMXBean;
import io.keyturn.testing.TestContext;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;

/**
 * The function in a JVM of its own, which does on each line of its input what it is told: "query",
 * "checkpoint" and "restore" as Lambda's runtime does it around a snapshot, or "dump FILE". It
 * never knows the password but from the secret, so that what its memory holds of it is the
 * function's doing.
 */
final class SnapshotMain {
  private SnapshotMain() {}

  public static void main(String[] arguments) throws Exception {
    QueryHandler function = new QueryHandler();
    System.out.println("started");
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      System.out.println(obey(function, order));
    }
  }

  private static String obey(QueryHandler function, String order) throws Exception {
    switch (order.split(" ", 2)[0]) {
      case "query" -> {
        return query(function);
      }
      case "checkpoint" -> checkpoint();
      case "restore" -> Core.getGlobalContext().afterRestore(null);
      case "dump" ->
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
              .dumpHeap(order.split(" ", 2)[1], true);
      default -> throw new IllegalArgumentException(order);
    }
    return "done";
  }

  private static void checkpoint() throws Exception {
    try {
      Core.getGlobalContext().beforeCheckpoint(null);
    } catch (UnsatisfiedLinkError e) {
      // The last thing it does, after the hooks, is to clear the DNS cache, with a native library
      // that only Lambda has.
      if (!e.getMessage().contains("DNSManager")) {
        throw e;
      }
    }
  }

  private static String query(QueryHandler function) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    function.handleRequest(
        new ByteArrayInputStream(
            "{\"sql\":\"SELECT pg_backend_pid()\"}".getBytes(StandardCharsets.UTF_8)),
        answer,
        new TestContext());
    return answer.toString(StandardCharsets.UTF_8);
  }
}
