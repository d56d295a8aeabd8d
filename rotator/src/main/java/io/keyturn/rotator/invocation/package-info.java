/** One call of the function: the event, the step, the time left, the log, and the error. */
package io.keyturn.rotator.invocation;
