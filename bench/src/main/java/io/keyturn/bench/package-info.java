/** The command line of the benchmarks, and what they share. */
package io.keyturn.bench;
