package io.keyturn.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Checks whether a Docker engine answers, within milliseconds and without logging. Testcontainers'
 * own search tries every way it knows and logs a stack trace for each.
 */
final class DockerEngine {
  private DockerEngine() {}

  static boolean answers() {
    return answers(System.getenv(), System.getProperty("user.home"));
  }

  static boolean answers(Map<String, String> environment, String home) {
    String host = environment.getOrDefault("DOCKER_HOST", "");
    if (!host.isEmpty()) {
      return answers(URI.create(host));
    }
    // Where Testcontainers looks: the system's engine, a rootless one, Docker Desktop.
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", home + "/.docker/run");
    return List.of(
            "/var/run/docker.sock",
            runtime + "/docker.sock",
            home + "/.docker/run/docker.sock",
            home + "/.docker/desktop/docker.sock")
        .stream()
        .anyMatch(socket -> connects(UnixDomainSocketAddress.of(Path.of(socket))));
  }

  private static boolean answers(URI host) {
    return switch (host.getScheme() == null ? "" : host.getScheme()) {
      case "unix" -> connects(UnixDomainSocketAddress.of(Path.of(host.getPath())));
      case "tcp", "http", "https" -> connects(host.getHost(), host.getPort());
      // An address in another form is assumed to be an engine.
      default -> true;
    };
  }

  private static boolean connects(SocketAddress socket) {
    try (SocketChannel channel = SocketChannel.open(socket)) {
      return channel.isConnected();
    } catch (IOException e) {
      // The file does not exist, no process listens, or this user may not connect: there is no
      // engine for these tests.
      return false;
    }
  }

  private static boolean connects(String host, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port == -1 ? 2375 : port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
