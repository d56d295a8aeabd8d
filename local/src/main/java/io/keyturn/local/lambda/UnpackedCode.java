package io.keyturn.local.lambda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * The jars of functions, unpacked as Lambda unpacks them into /var/task. Each is unpacked once, and
 * again after it was rebuilt.
 */
final class UnpackedCode {
  private static final int EXECUTABLE = 0100;

  private record Version(Path jar, FileTime modified, long size) {}

  private final Path folder;
  private final Map<Version, Path> unpacked = new HashMap<>();

  UnpackedCode(Path folder) {
    this.folder = folder;
  }

  /** The folder that holds what is in this jar; a folder is one already. */
  synchronized Path of(Path jar) {
    if (Files.isDirectory(jar)) {
      return jar;
    }
    if (!Files.isRegularFile(jar)) {
      throw new IllegalArgumentException(
          "There is no function jar " + jar + "; build it with: mvn package");
    }
    try {
      Version version =
          new Version(jar.toRealPath(), Files.getLastModifiedTime(jar), Files.size(jar));
      Path known = unpacked.get(version);
      if (known != null) {
        return known;
      }
      Path target = folder.resolve("task-" + (unpacked.size() + 1));
      unpack(jar, target);
      unpacked.put(version, target);
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException(
          jar + " could not be unpacked below " + folder + "; is it a whole jar?", e);
    }
  }

  private static void unpack(Path jar, Path target) throws IOException {
    Files.createDirectories(target);
    try (ZipFile zip = ZipFile.builder().setPath(jar).get()) {
      for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
        Path file = target.resolve(entry.getName()).normalize();
        if (!file.startsWith(target)) {
          throw new IOException("Entry " + entry.getName() + " would be put outside " + target);
        }
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.createDirectories(file.getParent());
          try (InputStream in = zip.getInputStream(entry)) {
            Files.copy(in, file);
          }
          if ((entry.getUnixMode() & EXECUTABLE) != 0) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
          }
          Files.setLastModifiedTime(file, entry.getLastModifiedTime());
        }
      }
    }
  }
}
