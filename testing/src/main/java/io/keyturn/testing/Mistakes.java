package io.keyturn.testing;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;

/** Makes mistakes in what is valid, for tests of what takes texts from anyone. */
public final class Mistakes {
  private Mistakes() {}

  /** This text with one of the fragments somewhere in it, in place of up to two characters. */
  public static String in(String text, List<String> fragments, Random random) {
    // Often right after what opens it, where a fragment is a member of its own.
    int at = random.nextInt(3) == 0 ? 1 : random.nextInt(text.length() + 1);
    int skipped = Math.min(text.length(), at + Math.max(0, random.nextInt(5) - 2));
    return text.substring(0, at)
        + fragments.get(random.nextInt(fragments.size()))
        + text.substring(skipped);
  }

  /** These bytes with any byte somewhere between them, or cut off there, or as they are. */
  public static byte[] in(byte[] bytes, Random random) {
    int at = random.nextInt(bytes.length + 1);
    int kind = random.nextInt(4);
    ByteArrayOutputStream result = new ByteArrayOutputStream();
    result.write(bytes, 0, at);
    if (kind == 0) {
      result.write(random.nextInt(256));
    }
    if (kind != 1) {
      result.write(bytes, at, bytes.length - at);
    }
    return result.toByteArray();
  }
}
