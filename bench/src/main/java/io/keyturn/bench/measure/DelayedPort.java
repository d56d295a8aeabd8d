package io.keyturn.bench.measure;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A port of 127.0.0.1 that stands for another one at a distance: each answer arrives later by the
 * latency, those of TLS's handshake too. Answers that follow one another closely are on their way
 * at the same time.
 */
final class DelayedPort implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final int target;
  private final Supplier<Duration> latency;
  private final ServerSocket server;

  /** Bytes on their way; none are the end. */
  private record OnTheWay(long arrivalNanos, ByteBuffer bytes) {}

  @FunctionalInterface
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  DelayedPort(int target, Supplier<Duration> latency) {
    this.target = target;
    this.latency = latency;
    try {
      server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException("No port of 127.0.0.1 is free", e);
    }
    start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = server.accept();
      start(() -> carry(client));
    }
  }

  private void carry(Socket client) throws IOException {
    try (client;
        Socket service = new Socket(InetAddress.getLoopbackAddress(), target)) {
      client.setTcpNoDelay(true);
      service.setTcpNoDelay(true);
      BlockingQueue<OnTheWay> answers = new LinkedBlockingQueue<>();
      start(() -> receive(service.getInputStream(), answers));
      start(
          () -> {
            try (client) {
              deliver(answers, client.getOutputStream());
            }
          });
      client.getInputStream().transferTo(service.getOutputStream());
    }
  }

  private void receive(InputStream service, BlockingQueue<OnTheWay> answers) {
    byte[] buffer = new byte[BUFFER_BYTES];
    int read;
    do {
      read = readOrEnd(service, buffer);
      answers.add(
          new OnTheWay(
              System.nanoTime() + latency.get().toNanos(),
              ByteBuffer.wrap(Arrays.copyOf(buffer, Math.max(0, read)))));
    } while (read > 0);
  }

  private static int readOrEnd(InputStream service, byte[] buffer) {
    try {
      return service.read(buffer);
    } catch (IOException e) {
      // The client has hung up, or the service without a word.
      return -1;
    }
  }

  private static void deliver(BlockingQueue<OnTheWay> answers, OutputStream client)
      throws IOException, InterruptedException {
    for (OnTheWay next = answers.take(); next.bytes().hasRemaining(); next = answers.take()) {
      TimeUnit.NANOSECONDS.sleep(next.arrivalNanos() - System.nanoTime());
      client.write(next.bytes().array());
    }
  }

  private static void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException | InterruptedException e) {
                // One of the two has hung up, or the port is closed.
              }
            },
            "delayed-port");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException("The port could not be closed", e);
    }
  }
}
