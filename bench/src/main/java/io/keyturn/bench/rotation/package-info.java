/** Benchmarks of rotations, alone or with other rotation functions. */
package io.keyturn.bench.rotation;
