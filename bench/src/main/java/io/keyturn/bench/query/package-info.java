/** Benchmarks of the query function. */
package io.keyturn.bench.query;
