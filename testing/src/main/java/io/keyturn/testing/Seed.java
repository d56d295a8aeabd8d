package io.keyturn.testing;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The seed from which {@link Sampled} tests draw their cases. Each run has a new one, so that runs
 * cover more and more together; the system property {@code keyturn.seed} repeats another run's.
 */
public final class Seed {
  static final String PROPERTY = "keyturn.seed";

  private static final long VALUE =
      Long.getLong(PROPERTY, new SecureRandom().nextInt(Integer.MAX_VALUE));

  private Seed() {}

  /** The seed, for the line in which a test says what it has run. */
  public static long value() {
    return VALUE;
  }

  /** Draws for one test: what others draw, and in which order, changes nothing. */
  public static Random random(String test) {
    return new Random(VALUE * 31 + test.hashCode());
  }

  /** As many of these as wanted, in their order. */
  public static <T> List<T> sample(List<T> all, int wanted, String test) {
    List<Integer> positions = new ArrayList<>(IntStream.range(0, all.size()).boxed().toList());
    Collections.shuffle(positions, random(test));
    return positions.stream().limit(wanted).sorted().map(all::get).toList();
  }
}
