package io.keyturn.rotator;

import io.keyturn.testing.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A man in the middle, before a PostgreSQL, who keeps clients from using TLS and reads what they
 * send instead.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL">SSL
 *     Session Encryption</a>
 */
final class TlsStripper implements AutoCloseable {
  /** How it answers a client that asks for TLS. */
  enum Answer {
    /** As a server without TLS. */
    NONE_HERE,
    /** As a server that does not know the request, which hangs up then. */
    ERROR,
    HANG_UP
  }

  private static final long SSL_REQUEST = 8L << 32 | 80877103;

  private final Answer answer;
  private final TestPostgres postgres;
  private final ServerSocket listener;
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final List<Thread> connections = new CopyOnWriteArrayList<>();

  TlsStripper(Answer answer, TestPostgres postgres) {
    this.answer = answer;
    this.postgres = postgres;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    } catch (IOException e) {
      throw new UncheckedIOException("There is no port to listen on", e);
    }
    thread("stripper", this::accept).start();
  }

  int port() {
    return listener.getLocalPort();
  }

  /** What the clients, which have closed their connections, sent beside the request for TLS. */
  String sent() throws InterruptedException {
    for (Thread connection : connections) {
      connection.join();
    }
    // Each byte as a character.
    return sent.toString(StandardCharsets.ISO_8859_1);
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      Thread connection = thread("stripper-client", () -> serve(client));
      // Before it can answer, so that join() waits for every client that got an answer.
      connections.add(connection);
      connection.start();
    }
  }

  private void serve(Socket client) throws IOException {
    try (client;
        Socket server = new Socket(postgres.host(), postgres.port())) {
      byte[] first = new DataInputStream(client.getInputStream()).readNBytes(8);
      if (first.length == 8 && ByteBuffer.wrap(first).getLong() == SSL_REQUEST) {
        if (answer == Answer.HANG_UP) {
          return;
        }
        client.getOutputStream().write(answer == Answer.ERROR ? 'E' : 'N');
        if (answer == Answer.ERROR) {
          return;
        }
      } else {
        sent.writeBytes(first);
        server.getOutputStream().write(first);
      }
      thread("stripper-server", () -> server.getInputStream().transferTo(client.getOutputStream()))
          .start();
      relay(client.getInputStream(), server.getOutputStream());
    }
  }

  private void relay(InputStream client, OutputStream server) throws IOException {
    byte[] buffer = new byte[8192];
    for (int length = client.read(buffer); length >= 0; length = client.read(buffer)) {
      sent.write(buffer, 0, length);
      server.write(buffer, 0, length);
    }
  }

  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  private static Thread thread(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // One of the two has closed its socket.
              }
            },
            name);
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
