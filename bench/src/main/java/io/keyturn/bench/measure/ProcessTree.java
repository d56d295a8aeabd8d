package io.keyturn.bench.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The resources that a process and its descendants have used, from Linux's /proc. */
public final class ProcessTree {
  /** The unit of /proc/PID/stat, which is the same on every machine that Linux still runs on. */
  private static final double MILLIS_PER_TICK = 10;

  private static final double KILOBYTES_PER_MEGABYTE = 1024;

  private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+(\\d+) kB");
  private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB");

  private ProcessTree() {}

  /**
   * What was used.
   *
   * @param processorMillis in user and kernel mode, also of children that have ended
   * @param peakKilobytes the largest resident size; of several processes the sum of each one's
   */
  public record Usage(double processorMillis, long peakKilobytes, long residentKilobytes) {
    public double peakMegabytes() {
      return peakKilobytes / KILOBYTES_PER_MEGABYTE;
    }

    public double residentMegabytes() {
      return residentKilobytes / KILOBYTES_PER_MEGABYTE;
    }

    private Usage plus(Usage other) {
      return new Usage(
          processorMillis + other.processorMillis,
          peakKilobytes + other.peakKilobytes,
          residentKilobytes + other.residentKilobytes);
    }
  }

  /** Returns nothing if there is no /proc. */
  public static Optional<Usage> usage(ProcessHandle root) {
    if (!Files.isDirectory(Path.of("/proc/self"))) {
      return Optional.empty();
    }
    List<ProcessHandle> processes = Stream.concat(Stream.of(root), root.descendants()).toList();
    return processes.stream().flatMap(process -> read(process).stream()).reduce(Usage::plus);
  }

  private static Optional<Usage> read(ProcessHandle process) {
    Path folder = Path.of("/proc", String.valueOf(process.pid()));
    try {
      String stat = Files.readString(folder.resolve("stat"));
      String status = Files.readString(folder.resolve("status"));
      // The second field is the program's name, which may contain any characters.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      double ticks = 0;
      // utime, stime, cutime and cstime are the fields 14 to 17.
      for (int i = 11; i <= 14; i++) {
        ticks += Long.parseLong(fields[i]);
      }
      return Optional.of(
          new Usage(ticks * MILLIS_PER_TICK, kilobytes(PEAK, status), kilobytes(RESIDENT, status)));
    } catch (IOException e) {
      // The process has ended in the meantime. Its time is part of its parent's.
      return Optional.empty();
    }
  }

  private static long kilobytes(Pattern pattern, String status) {
    Matcher matcher = pattern.matcher(status);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
  }
}
