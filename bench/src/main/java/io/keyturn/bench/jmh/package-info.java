/** Benchmarks of small parts, with JMH. */
package io.keyturn.bench.jmh;
