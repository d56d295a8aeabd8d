/** Benchmarks of many secrets that rotate in one window, and of their cost. */
package io.keyturn.bench.fleet;
