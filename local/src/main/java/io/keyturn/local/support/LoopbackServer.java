package io.keyturn.local.support;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/** An HTTP or HTTPS server that only this machine can reach. Each path prefix has a handler. */
public final class LoopbackServer implements AutoCloseable {
  static {
    // Without it each answer on a kept connection waits for the client's delayed acknowledgement
    // (40 ms on Linux).
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer server;
  private final ExecutorService threads;

  private LoopbackServer(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /** Starts a server on this port of the loopback address; 0 takes any free port. */
  public static LoopbackServer start(int port) {
    return start(port, Optional.empty());
  }

  /**
   * Starts a server.
   *
   * @param tls with the server's certificate; without it the server speaks plain HTTP
   */
  public static LoopbackServer start(int port, Optional<SSLContext> tls) {
    try {
      HttpServer server =
          create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), tls);
      AtomicInteger count = new AtomicInteger();
      // Unbounded, since a Lambda environment holds a thread for as long as it waits for its next
      // event.
      ExecutorService threads =
          Executors.newCachedThreadPool(
              task -> {
                Thread thread = new Thread(task, "http-" + count.incrementAndGet());
                thread.setDaemon(true);
                return thread;
              });
      server.setExecutor(threads);
      server.start();
      return new LoopbackServer(server, threads);
    } catch (BindException e) {
      throw new UncheckedIOException(
          "Port " + port + " of 127.0.0.1 is taken; choose another one, or 0 for any free port", e);
    } catch (IOException e) {
      throw new UncheckedIOException("No HTTP server could be started on 127.0.0.1:" + port, e);
    }
  }

  private static HttpServer create(InetSocketAddress address, Optional<SSLContext> tls)
      throws IOException {
    if (tls.isEmpty()) {
      return HttpServer.create(address, 0);
    }
    HttpsServer server = HttpsServer.create(address, 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls.get()));
    return server;
  }

  /** Sends every request whose path begins with {@code pathPrefix} to {@code handler}. */
  public void route(String pathPrefix, HttpHandler handler) {
    server.createContext(
        pathPrefix,
        exchange -> {
          sayIfItCloses(exchange);
          handler.handle(exchange);
        });
  }

  /**
   * HTTP/1.1 asks this of a server whose client wants the connection closed. The JDK's server does
   * not do it.
   */
  private static void sayIfItCloses(HttpExchange exchange) {
    if ("close".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Connection"))) {
      exchange.getResponseHeaders().set("Connection", "close");
    }
  }

  public URI endpoint() {
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
