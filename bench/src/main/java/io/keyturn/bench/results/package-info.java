/** Samples, their medians and ratios, and the files they are written to. */
package io.keyturn.bench.results;
