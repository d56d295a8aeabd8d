package io.keyturn.rotator;

import io.keyturn.testing.wire.Wire;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Counts what a function asks of both services, and lets one exchange go wrong.
 *
 * <p>That a function is killed after an answer came in is not a kind of its own: nobody outside can
 * tell it from one that is killed before its next request.
 */
final class Cut implements Wire.Fate {
  enum Kind {
    /** The function is killed before the request: neither it nor any later one is made. */
    KILLED,
    /** The network loses the request, and the function lives on. */
    REQUEST_LOST,
    /** The network loses the answer to a request that was done, and the function lives on. */
    ANSWER_LOST
  }

  private final Kind kind;
  private final int at;
  private final Thread function = Thread.currentThread();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  private Cut(Kind kind, int at) {
    this.kind = kind;
    this.at = at;
  }

  /** A cut of the calling thread's function at this request, the first of which is 0. */
  static Cut at(int request, Kind kind) {
    return new Cut(kind, request);
  }

  /** Counts, and cuts nothing. */
  static Cut none() {
    return new Cut(Kind.KILLED, Integer.MAX_VALUE);
  }

  @Override
  public synchronized Wire.Verdict of(String request) {
    int number = requests.size();
    if (kind == Kind.KILLED && number >= at) {
      if (number == at) {
        requests.add(request);
      }
      // Whatever the function waits for or tries next in this process must end, as it would with
      // the process.
      function.interrupt();
      return Wire.Verdict.LOSE_REQUEST;
    }
    requests.add(request);
    if (number != at) {
      return Wire.Verdict.PASS;
    }
    return kind == Kind.REQUEST_LOST ? Wire.Verdict.LOSE_REQUEST : Wire.Verdict.LOSE_ANSWER;
  }

  /** What was asked, up to a kill. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  boolean happened() {
    return requests.size() > at;
  }

  @Override
  public String toString() {
    return kind
        + " at request "
        + at
        + " ("
        + (happened() ? requests.get(at) : "not reached")
        + ")";
  }
}
