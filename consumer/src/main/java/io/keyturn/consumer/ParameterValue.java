package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.BadRequestException;

/** What every value of a parameter must be like; an error names the parameter. */
final class ParameterValue {
  private ParameterValue() {}

  static void require(boolean condition, String name, String problem) {
    if (!condition) {
      throw wrong(name, problem);
    }
  }

  static void requireFits(String name, String text, TypeHint hint) {
    require(
        hint.fits(text), name, "does not fit its typeHint %s: %s".formatted(hint, hint.format()));
  }

  static BadRequestException wrong(String name, String problem) {
    return new BadRequestException("The value of parameter \"%s\" %s".formatted(name, problem));
  }
}
