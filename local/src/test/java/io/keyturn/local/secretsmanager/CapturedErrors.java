package io.keyturn.local.secretsmanager;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What the code under test prints to standard error until this is closed. */
final class CapturedErrors implements AutoCloseable {
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  CapturedErrors() {
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  String text() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    System.setErr(before);
  }
}
