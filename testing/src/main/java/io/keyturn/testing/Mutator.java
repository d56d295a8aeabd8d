package io.keyturn.testing;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;

/** Makes small random changes to valid input, for fuzz tests. */
public final class Mutator {
  private Mutator() {}

  /** Returns the text with a fragment at a random place, instead of up to two characters. */
  public static String mutate(String text, List<String> fragments, Random random) {
    // Often after the first character, such as {, where a fragment is a member of its own.
    int at = random.nextInt(3) == 0 ? 1 : random.nextInt(text.length() + 1);
    int skipped = Math.min(text.length(), at + Math.max(0, random.nextInt(5) - 2));
    return text.substring(0, at)
        + fragments.get(random.nextInt(fragments.size()))
        + text.substring(skipped);
  }

  /** Returns the bytes unchanged, cut off at a random place, or with a random byte inserted. */
  public static byte[] mutate(byte[] bytes, Random random) {
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
