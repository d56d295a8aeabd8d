package io.keyturn.rotator.check;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.keyturn.postgres.InvalidSecretException;
import io.keyturn.rotator.invocation.RotationException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a check of one secret found out. It holds no value of the secret but host and user names.
 */
public final class CheckReport {
  /** Raised when a key changes its meaning or goes; new keys may come without. */
  private static final int SCHEMA_VERSION = 1;

  private static final JsonFactory JSON = new JsonFactory();

  private final String secret;
  private final Map<String, String> facts = new LinkedHashMap<>();
  private final List<Version> versions = new ArrayList<>();
  private final List<Share> handover = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  /**
   * A version of the secret.
   *
   * @param user whom it is for; null if it could not be read
   * @param logsIn null if the login was not tried
   */
  public record Version(String label, String id, String user, Boolean logsIn) {}

  /**
   * What the rotation would hand over to the base.
   *
   * @param kind such as "owned" or "grants"
   * @param stuck how many of them neither the admin nor the twin may hand over
   */
  public record Share(String database, String kind, int count, int stuck) {}

  /** Part of a check, which ends at the first thing that a rotation would refuse. */
  @FunctionalInterface
  public interface Part<T> {
    T run() throws SQLException;
  }

  /** Part of a check without a result. */
  @FunctionalInterface
  public interface Requirement {
    void check() throws SQLException;
  }

  public CheckReport(String secret) {
    this.secret = secret;
  }

  /** Keeps a fact, such as "strategy" or "host". */
  public void fact(String key, Object value) {
    facts.put(key, String.valueOf(value));
  }

  public void add(Version version) {
    versions.add(version);
  }

  public void add(Share share) {
    handover.add(share);
  }

  public void add(Level level, Code code, String reason, String remedy) {
    add(new Finding(level, code, reason, List.of(), remedy));
  }

  /** Keeps a finding once, such as what is true of each of several sessions. */
  private void add(Finding finding) {
    if (!findings.contains(finding)) {
      findings.add(finding);
    }
  }

  /** Runs a part; what it throws is what a rotation would fail with, and so blocks it. */
  public <T> Optional<T> attempt(Code code, Part<T> part) {
    try {
      return Optional.of(part.run());
    } catch (SQLException | RotationException | InvalidSecretException e) {
      block(code, e);
      return Optional.empty();
    }
  }

  /**
   * Runs a part without a result.
   *
   * @return whether it passed
   */
  public boolean require(Code code, Requirement requirement) {
    return attempt(
            code,
            () -> {
              requirement.check();
              return true;
            })
        .isPresent();
  }

  private void block(Code code, Exception e) {
    add(
        new Finding(
            Level.BLOCKS,
            code,
            e.getMessage(),
            Stream.of(e.getSuppressed()).map(Throwable::getMessage).toList(),
            null));
  }

  /** "blocks", "warns", or "ready" if no finding does either. */
  public String outcome() {
    for (Level level : List.of(Level.BLOCKS, Level.WARNS)) {
      if (findings.stream().anyMatch(finding -> finding.level() == level)) {
        return level.toString();
      }
    }
    return "ready";
  }

  public List<Finding> findings() {
    return List.copyOf(findings);
  }

  /** The codes of the findings. */
  public List<Code> codes() {
    return findings.stream().map(Finding::code).toList();
  }

  /** The report as an object whose keys docs/check.md describes. */
  public String toJson() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("schemaVersion", SCHEMA_VERSION);
      json.writeStringField("secret", secret);
      json.writeStringField("outcome", outcome());
      for (Map.Entry<String, String> fact : facts.entrySet()) {
        json.writeStringField(fact.getKey(), fact.getValue());
      }
      json.writeArrayFieldStart("versions");
      for (Version version : versions) {
        json.writeStartObject();
        json.writeStringField("label", version.label());
        json.writeStringField("id", version.id());
        json.writeStringField("user", version.user());
        if (version.logsIn() == null) {
          json.writeNullField("logsIn");
        } else {
          json.writeBooleanField("logsIn", version.logsIn());
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("handover");
      for (Share share : handover) {
        json.writeStartObject();
        json.writeStringField("database", share.database());
        json.writeStringField("kind", share.kind());
        json.writeNumberField("count", share.count());
        json.writeNumberField("stuck", share.stuck());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("findings");
      for (Finding finding : findings) {
        json.writeStartObject();
        json.writeStringField("level", finding.level().toString());
        json.writeStringField("code", finding.code().toString());
        json.writeStringField("reason", finding.reason());
        json.writeArrayFieldStart("details");
        for (String detail : finding.details()) {
          json.writeString(detail);
        }
        json.writeEndArray();
        json.writeStringField("remedy", finding.remedy());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
