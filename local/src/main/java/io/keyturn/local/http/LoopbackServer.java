package io.keyturn.local.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP server that only this machine can reach; each path prefix has a handler of its own. */
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
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
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

  /** Sends every request whose path begins with {@code pathPrefix} to {@code handler}. */
  public void route(String pathPrefix, HttpHandler handler) {
    server.createContext(
        pathPrefix,
        exchange -> {
          sayIfItCloses(exchange);
          handler.handle(exchange);
        });
  }

  /** As HTTP/1.1 asks of a server whose client wants the connection closed; the JDK's does not. */
  private static void sayIfItCloses(HttpExchange exchange) {
    if ("close".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Connection"))) {
      exchange.getResponseHeaders().set("Connection", "close");
    }
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
