package io.keyturn.testing.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.testing.wire.Wire.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A wire between a client and a service. */
class WireTest {
  /** The type of a message, its length, and no more. */
  private static final byte[] MESSAGE = {'E', 0, 0, 0, 4};

  /** A startup packet of no parameters. */
  private static final byte[] STARTUP = {0, 0, 0, 8, 0, 3, 0, 0};

  @Test
  void handsOnWhatCameOfAnAnswerAndHangsUpAsTheServiceDid() throws Exception {
    try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Wire wire =
            new Wire(
                "127.0.0.1",
                service.getLocalPort(),
                new PostgresProtocol(),
                request -> Verdict.PASS);
        Socket client = new Socket(InetAddress.getLoopbackAddress(), wire.port())) {
      CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> endAfterAMessage(service));

      client.getOutputStream().write(STARTUP);

      // The client waits for the rest of the answer, and would for ever.
      client.setSoTimeout(10_000);
      assertThat(client.getInputStream().readAllBytes()).isEqualTo(MESSAGE);
      ended.join();
    }
  }

  private static void endAfterAMessage(ServerSocket service) {
    try (Socket socket = service.accept()) {
      socket.getInputStream().readNBytes(STARTUP.length);
      socket.getOutputStream().write(MESSAGE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
