package io.keyturn.local.postgres;

import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import io.zonky.test.db.postgres.util.ArchUtils;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/**
 * The archive of PostgreSQL's programs for this machine. The library unpacks it once and finds it
 * again by the archive's digest; equal objects name the same archive.
 *
 * @param jar of another version than the class path has; null for the class path's
 */
record Binaries(String jar) implements PgBinaryResolver {
  /** Names a jar of another version, as {@code io.zonky.test.postgres} publishes them. */
  private static final String PROPERTY = "keyturn.postgres.binaries";

  static Binaries chosen() {
    return new Binaries(System.getProperty(PROPERTY));
  }

  /**
   * Where they stay unpacked for later runs. Only this user may enter it: the library lets all
   * users write below it, and another user must not replace a program that will be run again.
   */
  static Path folder() throws IOException {
    Path own = Path.of(System.getProperty("user.home"), ".cache", "keyturn");
    Files.createDirectories(own);
    if (Files.getFileStore(own).supportsFileAttributeView(PosixFileAttributeView.class)) {
      Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
    }
    return own.resolve("postgres");
  }

  /** The first that is found: there may be several versions, which the library refuses. */
  @Override
  public InputStream getPgBinary(String system, String architecture) throws IOException {
    String name = "postgres-" + system + "-" + ArchUtils.normalize(architecture);
    // Such as Alpine Linux, whose C library is another; null where none is known.
    String distribution = LinuxUtils.getDistributionName();
    for (String candidate : List.of(name + "-" + distribution, name)) {
      InputStream archive = archive(candidate.toLowerCase(Locale.ROOT).replace(' ', '_') + ".txz");
      if (archive != null) {
        return archive;
      }
    }
    throw new IOException("No PostgreSQL on the class path for this machine: " + name);
  }

  private InputStream archive(String file) throws IOException {
    if (jar == null) {
      return Binaries.class.getResourceAsStream("/" + file);
    }
    try (JarFile opened = new JarFile(jar)) {
      ZipEntry entry = opened.getEntry(file);
      return entry == null
          ? null
          : new ByteArrayInputStream(opened.getInputStream(entry).readAllBytes());
    }
  }
}
