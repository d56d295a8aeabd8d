package io.keyturn.local.template;

/** Evaluates the functions in a value of a template. */
interface Evaluation {
  /** Returns the value with all functions in it evaluated, or null for AWS::NoValue. */
  Object evaluate(Object value, Place place);

  default String text(Object value, Place place) {
    return Values.text(evaluate(value, place), place);
  }
}
