package io.keyturn.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A server without TLS that asks for the password itself, as an impostor would. */
class PlaintextFallbackTest {
  private static final int SSL_REQUEST = 80877103;
  private static final byte[] ASK_FOR_PASSWORD =
      ByteBuffer.allocate(9).put((byte) 'R').putInt(8).putInt(3).array();

  @Test
  void doesNotSendThePasswordItselfWherePlaintextWasNotAskedFor() throws Exception {
    try (ServerSocket impostor = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      CompletableFuture<String> heard = CompletableFuture.supplyAsync(() -> answer(impostor));
      DatabaseSecret secret =
          DatabaseSecret.parse(
              "{\"host\":\"127.0.0.1\",\"port\":%d,\"username\":\"app\",\"password\":\"the-password\"}"
                  .formatted(impostor.getLocalPort()),
              "the secret");

      Throwable failure =
          catchThrowable(
              () ->
                  new PostgresLogin("test", new TlsPolicy(false, null), Duration.ofSeconds(5))
                      .open(secret, Deadline.in(Duration.ofSeconds(20)), warning -> {}));

      assertThat(failure).hasMessageContainingAll("app", "the secret");
      assertThat(heard.join()).contains("app").doesNotContain("the-password");
    }
  }

  /** Says that there is no TLS, asks for the password, and returns all that it hears. */
  private static String answer(ServerSocket impostor) {
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    boolean asked = false;
    while (!asked) {
      try (Socket client = impostor.accept()) {
        DataInputStream in = new DataInputStream(client.getInputStream());
        while (!asked) {
          byte[] packet = in.readNBytes(in.readInt() - Integer.BYTES);
          if (ByteBuffer.wrap(packet).getInt() == SSL_REQUEST) {
            client.getOutputStream().write('N');
          } else {
            heard.writeBytes(packet);
            client.getOutputStream().write(ASK_FOR_PASSWORD);
            asked = true;
            heard.writeBytes(in.readAllBytes());
          }
        }
      } catch (IOException e) {
        if (impostor.isClosed()) {
          throw new UncheckedIOException("The impostor was closed before it had asked", e);
        }
      }
    }
    return heard.toString(StandardCharsets.UTF_8);
  }
}
