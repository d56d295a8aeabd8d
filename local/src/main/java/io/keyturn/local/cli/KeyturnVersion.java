package io.keyturn.local.cli;

import picocli.CommandLine.IVersionProvider;

/** The version that the jar was built as. */
final class KeyturnVersion implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"keyturn " + number()};
  }

  static String number() {
    String version = KeyturnVersion.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }
}
