/** Starts the stack and the processes of functions, and reads what they use. */
package io.keyturn.bench.measure;
