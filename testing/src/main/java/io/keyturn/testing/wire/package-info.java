/** A proxy that loses requests and answers, for tests of lost connections. */
package io.keyturn.testing.wire;
