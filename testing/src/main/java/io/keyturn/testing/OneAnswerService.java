package io.keyturn.testing;

import io.keyturn.local.support.LoopbackServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands for Secrets Manager with one answer to all requests, which the local one never gives. */
public final class OneAnswerService implements AutoCloseable {
  private final LoopbackServer server = LoopbackServer.start(0);
  private final Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();

  /**
   * @param status of HTTP
   */
  public OneAnswerService(int status, String json) {
    byte[] answer = json.getBytes(StandardCharsets.UTF_8);
    server.route(
        "/",
        exchange -> {
          clients.add(exchange.getRemoteAddress());
          exchange.sendResponseHeaders(status, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
  }

  public URI endpoint() {
    return server.endpoint();
  }

  /** How many connections the requests came on. */
  public int connections() {
    return clients.size();
  }

  @Override
  public void close() {
    server.close();
  }
}
