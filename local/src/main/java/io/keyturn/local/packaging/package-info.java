/** Packages of functions with a Java runtime and an AOT cache, for {@code provided.al2023}. */
package io.keyturn.local.packaging;
