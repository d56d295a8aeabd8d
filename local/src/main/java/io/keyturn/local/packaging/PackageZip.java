package io.keyturn.local.packaging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.zip.X5455_ExtendedTimestamp;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/** Writes the folder of a package as a zip file. The same files give the same bytes. */
final class PackageZip {
  /** An even number of seconds, because a zip file stores time in steps of 2 s. */
  private static final LocalDateTime UTC = LocalDateTime.of(2020, 1, 1, 0, 0);

  /**
   * The time of every file in a package. An AOT cache is valid only for jars with the time that
   * they had.
   */
  static final FileTime TIME = FileTime.from(UTC.toInstant(ZoneOffset.UTC));

  private static final int EXECUTABLE = 0100755;
  private static final int PLAIN = 0100644;

  private PackageZip() {}

  static void write(Path folder, Path zip) {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " could not be read", e);
    }
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(zip)) {
      for (Path file : files) {
        ZipArchiveEntry entry = new ZipArchiveEntry(folder.relativize(file).toString());
        entry.setUnixMode(Files.isExecutable(file) ? EXECUTABLE : PLAIN);
        // One time is the same instant everywhere; the other is without a zone, as on a clock in
        // UTC, where Lambda is. In this order, since each sets what the other one has not.
        X5455_ExtendedTimestamp instant = new X5455_ExtendedTimestamp();
        instant.setModifyFileTime(TIME);
        entry.addExtraField(instant);
        entry.setTime(UTC.atZone(ZoneId.systemDefault()).toInstant().toEpochMilli());
        out.putArchiveEntry(entry);
        Files.copy(file, out);
        out.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(zip + " could not be written", e);
    }
  }
}
