package io.keyturn.bench.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerTest {
  @Test
  void aCommandIsTheShells() {
    Peer peer = Peer.parse("exec python3 -m x", 2);
    assertThat(peer.name()).isEqualTo("peer2");
    assertThat(peer.command()).containsExactly("/bin/sh", "-c", "exec python3 -m x");
  }

  @Test
  void aNameComesBeforeTheFirstEqualsSign() {
    Peer peer = Peer.parse("aws=A=b exec run", 1);
    assertThat(peer.name()).isEqualTo("aws");
    assertThat(peer.command()).last().isEqualTo("A=b exec run");
  }

  @Test
  void aFolderWithABootstrapStartsThere(@TempDir Path folder) throws IOException {
    Path bootstrap = Files.createFile(folder.resolve("bootstrap"));
    assertThat(bootstrap.toFile().setExecutable(true)).isTrue();
    Peer peer = Peer.parse("aot=" + folder, 1);
    assertThat(peer.command()).containsExactly(bootstrap.toString());
    assertThat(peer.folder()).isEqualTo(folder);
  }

  @Test
  void anEmptyCommandIsRefused() {
    assertThatThrownBy(() -> Peer.parse("aws=", 1)).hasMessageContaining("NAME=COMMAND");
  }
}
