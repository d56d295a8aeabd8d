package io.keyturn.local.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ReportPageTest {
  @Test
  void whatFailedIsShownAndSaidAndNoTextIsMarkup() throws Exception {
    Locale before = Locale.getDefault();
    try {
      // Its decimal separator would end a coordinate.
      Locale.setDefault(Locale.GERMANY);
      Timeline timeline = new Timeline();
      timeline.current("keyturn/app", "v1", "app");
      timeline.query(Duration.ofMillis(3), null);
      timeline.query(Duration.ofMillis(7), "FATAL: <refused> & \"lost\"");
      timeline.step("keyturn/app", "setSecret", Duration.ofMillis(2), "no <b>right</b>");
      RehearsalReport report =
          new RehearsalReport(
              "PostgreSQL 18.6",
              "alternating",
              "rate(30 days)",
              2,
              List.of(
                  new RotationRow(
                      1,
                      "keyturn/app",
                      "v2",
                      1,
                      Map.of("setSecret", 2L),
                      List.of("setSecret: no <b>right</b>"),
                      1,
                      1,
                      7)),
              List.of("Only 1 rotation ended"));

      ReportPage made = new ReportPage(report, timeline, Map.of("Java", "17"));
      String page = made.html();
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(made.svg())));

      assertThat(page)
          .contains("verdict-failed", "0 of 2 rotations finished", "1 failed, slowest 7 ms")
          .contains("<tr class=\"failed\"><td>1</td><td>keyturn/app</td><td></td><td>2 ms</td>")
          .contains("<circle class=\"failed\"", "FATAL: &lt;refused&gt; &amp; &quot;lost&quot;")
          .contains("<li>Rotation 1: setSecret: no &lt;b&gt;right&lt;/b&gt;</li>")
          .contains("<li>Only 1 rotation ended</li>", "<td>17</td>")
          .doesNotContain("<b>", "<refused>")
          .doesNotContainPattern("@[A-Z]+@")
          .doesNotContainPattern("(?:x|y|cx|cy|width|height)=\"[0-9]+,");
    } finally {
      Locale.setDefault(before);
    }
  }
}
