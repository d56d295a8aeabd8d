package io.keyturn.testing.wire;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A proxy between the code under test and a service that it calls. It sees every request and its
 * answer, and can lose either.
 */
public final class Wire implements AutoCloseable {
  /** Decides what happens to each request and its answer. */
  @FunctionalInterface
  public interface Fate {
    /**
     * Returns the decision.
     *
     * @param request a short description of the request
     */
    Verdict of(String request);
  }

  public enum Verdict {
    PASS,
    /** The request does not reach the service, and the connection ends. */
    LOSE_REQUEST,
    /** The service executes the request, and the connection ends before its answer arrives. */
    LOSE_ANSWER
  }

  private final String host;
  private final int port;
  private final Protocol protocol;
  private final Fate fate;
  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** A wire to this service. */
  public Wire(String host, int port, Protocol protocol, Fate fate) {
    this(host, port, protocol, fate, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  /** A wire to this service that begins at this address. */
  public Wire(String host, int port, Protocol protocol, Fate fate, InetSocketAddress at) {
    this.host = host;
    this.port = port;
    this.protocol = protocol;
    this.fate = fate;
    try {
      server = new ServerSocket();
      server.bind(at);
    } catch (IOException e) {
      throw new UncheckedIOException("No port for a wire", e);
    }
    start(this::accept);
  }

  /** The port of 127.0.0.1 to connect to in place of the service's. */
  public int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        start(() -> carry(client));
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new UncheckedIOException("The wire to " + host + ":" + port + " broke", e);
        }
      }
    }
  }

  private void carry(Socket client) {
    open.add(client);
    try (client;
        Socket service = new Socket(host, port)) {
      open.add(service);
      client.setTcpNoDelay(true);
      service.setTcpNoDelay(true);
      carry(client, service);
      open.remove(service);
    } catch (IOException e) {
      // One end hung up, and with the sockets closed the other one sees it.
    } finally {
      open.remove(client);
    }
  }

  private void carry(Socket client, Socket service) throws IOException {
    Protocol.Conversation conversation = protocol.begin();
    InputStream requests = new BufferedInputStream(client.getInputStream());
    InputStream answers = new BufferedInputStream(service.getInputStream());
    OutputStream toService = service.getOutputStream();
    OutputStream toClient = client.getOutputStream();
    while (true) {
      Protocol.Request request = conversation.request(requests);
      Verdict verdict = request.answered() ? fate.of(request.name()) : Verdict.PASS;
      if (verdict == Verdict.LOSE_REQUEST) {
        return;
      }
      request.bytes().writeTo(toService);
      if (request.answered()) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try {
          conversation.answer(answers, answer);
        } finally {
          if (verdict == Verdict.PASS) {
            answer.writeTo(toClient);
          }
        }
        if (verdict == Verdict.LOSE_ANSWER) {
          return;
        }
      }
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "wire");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("A wire could not be closed", e);
    }
  }
}
