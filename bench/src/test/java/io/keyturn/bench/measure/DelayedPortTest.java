package io.keyturn.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DelayedPortTest {
  private static final Duration LATENCY = Duration.ofMillis(50);

  @Test
  void handsOnRequestAndAnswerAndItsEndAfterTheLatency() throws Exception {
    try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        DelayedPort port = new DelayedPort(service.getLocalPort(), () -> LATENCY);
        Socket client = new Socket(InetAddress.getLoopbackAddress(), port.port())) {
      CompletableFuture<Void> answered =
          CompletableFuture.runAsync(() -> answerInCapitals(service));
      long start = System.nanoTime();

      client.getOutputStream().write("select".getBytes(StandardCharsets.US_ASCII));
      byte[] answer = client.getInputStream().readAllBytes();

      assertThat(answer).asString().isEqualTo("SELECT");
      // However slow the machine is, it cannot be sooner.
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(LATENCY.toNanos());
      answered.join();
    }
  }

  private static void answerInCapitals(ServerSocket service) {
    try (Socket socket = service.accept()) {
      String request = new String(socket.getInputStream().readNBytes(6), StandardCharsets.US_ASCII);
      socket
          .getOutputStream()
          .write(request.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
