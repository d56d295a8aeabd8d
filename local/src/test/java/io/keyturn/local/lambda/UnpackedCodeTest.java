package io.keyturn.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedCodeTest {
  @TempDir Path folder;
  private UnpackedCode code;

  @BeforeEach
  void create() throws IOException {
    code = new UnpackedCode(Files.createDirectory(folder.resolve("code")));
  }

  @Test
  void aJarIsUnpackedOnce() throws IOException {
    Path jar = jar("lib/a.txt", "one");

    Path first = code.of(jar);

    assertThat(first.resolve("lib/a.txt")).hasContent("one");
    assertThat(code.of(folder.resolve("code/../function.jar"))).isEqualTo(first);
  }

  @Test
  void aFolderIsTakenAsItIs() throws IOException {
    Path unpacked = Files.createDirectory(folder.resolve("function"));

    assertThat(code.of(unpacked)).isEqualTo(unpacked);
  }

  @Test
  void aFileKeepsItsTimeAndWhetherItIsExecutable() throws IOException {
    Path zip = folder.resolve("function.zip");
    Instant time = Instant.parse("2020-01-01T00:00:00Z");
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(zip)) {
      for (String name : new String[] {"bootstrap", "data"}) {
        ZipArchiveEntry entry = new ZipArchiveEntry(name);
        entry.setUnixMode(name.equals("data") ? 0100644 : 0100755);
        entry.setLastModifiedTime(FileTime.from(time));
        out.putArchiveEntry(entry);
        out.closeArchiveEntry();
      }
    }

    Path unpacked = code.of(zip);

    assertThat(unpacked.resolve("bootstrap")).isExecutable();
    assertThat(Files.isExecutable(unpacked.resolve("data"))).isFalse();
    assertThat(Files.getLastModifiedTime(unpacked.resolve("data")).toInstant()).isEqualTo(time);
  }

  @Test
  void aJarThatWasBuiltAnewIsUnpackedBesideTheOld() throws IOException {
    Path first = code.of(jar("a.txt", "one"));
    Path second = code.of(jar("a.txt", "another"));

    assertThat(second).isNotEqualTo(first);
    assertThat(second.resolve("a.txt")).hasContent("another");
    assertThat(first.resolve("a.txt")).hasContent("one");
  }

  @Test
  void anEntryOutsideTheFolderIsRefused() throws IOException {
    Path jar = jar("../outside.txt", "x");

    assertThatThrownBy(() -> code.of(jar))
        .hasMessageContaining(jar + " could not be unpacked")
        .rootCause()
        .hasMessageContaining("Entry ../outside.txt would be put outside");
    assertThat(folder.resolve("code/outside.txt")).doesNotExist();
  }

  @Test
  void aFileThatIsNotAJarIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("function.jar"), "no jar");

    assertThatThrownBy(() -> code.of(text)).hasMessageContaining("is it a whole jar?");
  }

  private Path jar(String entry, String content) throws IOException {
    Path jar = folder.resolve("function.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry(entry));
      zip.write(content.getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
    return jar;
  }
}
