package io.keyturn.local.lambda.handlers;

import com.amazonaws.services.lambda.runtime.Context;
import java.util.concurrent.CountDownLatch;

/** Goes wrong as its event says. */
public final class Misbehave {
  public String handle(String how, Context context) throws InterruptedException {
    switch (how) {
      case "throw" -> throw new IllegalArgumentException("bad \"event\"");
      case "exit 0" -> System.exit(0);
      case "exit 3" -> Runtime.getRuntime().halt(3);
      case "hang" -> {
        System.out.println("hanging");
        new CountDownLatch(1).await();
      }
      case "too large" -> {
        return "A".repeat(6 * 1024 * 1024 + 99);
      }
      case "large" -> {
        return "A".repeat(6 * 1024 * 1024 + 98);
      }
      case "out of memory" -> throw new OutOfMemoryError("pretended");
      case "leave a thread" -> {
        // A library's thread that is no daemon keeps the JVM alive when its main thread ends.
        new Thread(Misbehave::sleepForever, "left").start();
      }
      case "be chatty" -> System.out.println("x".repeat(5000) + "\nlast line");
      default -> {}
    }
    return how;
  }

  private static void sleepForever() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
