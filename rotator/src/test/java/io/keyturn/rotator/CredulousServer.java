package io.keyturn.rotator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** An attacker's server: it lets everybody in who says to be anybody, and answers nothing. */
final class CredulousServer implements AutoCloseable {
  private static final int SSL_REQUEST = 80877103;

  private final ServerSocket server;
  private final AtomicInteger logins = new AtomicInteger();

  CredulousServer() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::serve, "credulous");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  int logins() {
    return logins.get();
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket client = server.accept()) {
        welcome(client);
      } catch (EOFException e) {
        // The client hung up, as it does when it hears that there is no TLS.
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void welcome(Socket client) throws IOException {
    DataInputStream in = new DataInputStream(client.getInputStream());
    DataOutputStream out = new DataOutputStream(client.getOutputStream());
    while (startup(in) == SSL_REQUEST) {
      out.writeByte('N');
      out.flush();
    }
    logins.incrementAndGet();
    message(out, 'R', new byte[4]);
    parameter(out, "server_version", "18.6");
    parameter(out, "client_encoding", "UTF8");
    parameter(out, "DateStyle", "ISO, MDY");
    parameter(out, "integer_datetimes", "on");
    parameter(out, "standard_conforming_strings", "on");
    message(out, 'K', new byte[8]);
    message(out, 'Z', new byte[] {'I'});
    out.flush();
    in.readAllBytes();
  }

  /** Reads a first message, and returns what it asks for. */
  private static int startup(DataInputStream in) throws IOException {
    int length = in.readInt();
    int code = in.readInt();
    in.readFully(new byte[length - 8]);
    return code;
  }

  private static void parameter(DataOutputStream out, String name, String value)
      throws IOException {
    message(out, 'S', (name + '\0' + value + '\0').getBytes(US_ASCII));
  }

  private static void message(DataOutputStream out, char type, byte[] body) throws IOException {
    out.writeByte(type);
    out.writeInt(body.length + 4);
    out.write(body);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
