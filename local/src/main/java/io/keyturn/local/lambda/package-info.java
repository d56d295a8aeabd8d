/** A local Lambda, which runs packaged functions as processes of this machine. */
package io.keyturn.local.lambda;
