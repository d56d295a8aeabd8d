package io.keyturn.bench.results;

/**
 * Something that is measured of a subject.
 *
 * @param key its name in results.json
 * @param title its column, with the unit
 * @param compared whether its ratio to that of a peer is meaningful
 */
public record Metric(String key, String title, int decimals, boolean compared) {}
