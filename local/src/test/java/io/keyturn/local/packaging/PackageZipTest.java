package io.keyturn.local.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.TimeZone;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageZipTest {
  /** 1 January 2020, 0:00:00, as a zip file's oldest field has it. */
  private static final int DOS_TIME = (2020 - 1980) << 25 | 1 << 21 | 1 << 16;

  private static final int POSITION_OF_DOS_TIME = 10;

  @TempDir Path folder;

  @Test
  void filesKeepTheTimeOfTheCacheWhateverTheZoneAndTheReader() throws IOException {
    Path zip = written("UTC");

    assertThat(Files.readAllBytes(written("Asia/Tokyo"))).isEqualTo(Files.readAllBytes(zip));
    int dosTime =
        ByteBuffer.wrap(Files.readAllBytes(zip))
            .order(ByteOrder.LITTLE_ENDIAN)
            .getInt(POSITION_OF_DOS_TIME);
    assertThat(dosTime).isEqualTo(DOS_TIME);
    try (ZipFile read = ZipFile.builder().setPath(zip).get()) {
      assertThat(read.getEntry("app/a.jar").getLastModifiedTime()).isEqualTo(PackageZip.TIME);
    }
  }

  @Test
  void whatIsExecutableStaysSo() throws IOException {
    try (ZipFile read = ZipFile.builder().setPath(written("UTC")).get()) {
      ZipArchiveEntry bootstrap = read.getEntry("bootstrap");
      assertThat(bootstrap.getUnixMode()).isEqualTo(0100755);
      assertThat(read.getEntry("app/a.jar").getUnixMode()).isEqualTo(0100644);
    }
  }

  private Path written(String zone) throws IOException {
    Path files = folder.resolve("files");
    Files.createDirectories(files.resolve("app"));
    Files.writeString(files.resolve("app/a.jar"), "a");
    Path bootstrap = Files.writeString(files.resolve("bootstrap"), "#!/bin/sh");
    Files.setPosixFilePermissions(bootstrap, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path zip = folder.resolve(zone.replace('/', '-') + ".zip");
    TimeZone before = TimeZone.getDefault();
    TimeZone.setDefault(TimeZone.getTimeZone(zone));
    try {
      PackageZip.write(files, zip);
    } finally {
      TimeZone.setDefault(before);
    }
    return zip;
  }
}
