package io.keyturn.testing;

import static java.util.function.Predicate.not;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the pages of the documentation refer to has to exist. */
class DocumentationTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]*)\\)");
  private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z0-9]*[a-z](?:Test|IT))[`.]");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
  private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^ *```.*?^ *```$");

  private static final Pattern SNIPPET =
      Pattern.compile("(?ms)^<!-- (\\S+) -->\n```\\w+\n(.*?)^```$");

  private static final Pattern EXPLAINED_ERROR = Pattern.compile("(?m)^\\| `([^`]+)`");
  private static final Pattern STRING_CONCATENATION = Pattern.compile("\"\\s*\\+\\s*\"");

  private static final List<Path> SOURCES = sources();

  @Test
  void everyLinkLeadsToAFileAndAHeading() {
    assertThat(pages().flatMap(DocumentationTest::brokenLinks)).isEmpty();
  }

  @Test
  void everyTestThatIsNamedExists() {
    Set<String> classes =
        SOURCES.stream()
            .map(file -> file.getFileName().toString().replace(".java", ""))
            .collect(Collectors.toSet());
    assertThat(pages().flatMap(page -> found(TEST, read(page))).filter(not(classes::contains)))
        .isEmpty();
  }

  /** A comment before a block of code names the file that has the same code, and that CI runs. */
  @Test
  void theCodeThatIsShownIsCodeThatRuns() {
    assertThat(pages().flatMap(page -> SNIPPET.matcher(read(page)).results()))
        .isNotEmpty()
        .allSatisfy(
            snippet -> {
              String source = withoutIndentation(read(ROOT.resolve(snippet.group(1))));
              assertThat(snippet.group(2).split("\n\n"))
                  .allSatisfy(part -> assertThat(source).contains(withoutIndentation(part)));
            });
  }

  /** An ellipsis stands for what differs from case to case; AWS's errors are not in our code. */
  @Test
  void everyErrorThatIsExplainedIsOneOfTheCode() {
    String code =
        SOURCES.stream()
            .filter(file -> file.toString().matches(".*/src/main/.*\\.java"))
            .map(file -> STRING_CONCATENATION.matcher(read(file)).replaceAll(""))
            .map(source -> source.replace("\\\"", "\""))
            .collect(Collectors.joining());
    String page = read(ROOT.resolve("docs/troubleshooting.md"));
    String ours = page.replaceAll("(?s)\n## A deployment fails\n.*?\n## ", "\n## ");
    assertThat(found(EXPLAINED_ERROR, ours))
        .isNotEmpty()
        .allSatisfy(
            error ->
                assertThat(error.replaceFirst("^\\w+Exception: ", "").split("…"))
                    .allSatisfy(part -> assertThat(code.contains(part)).as(part).isTrue()));
  }

  private static String withoutIndentation(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }

  private static Stream<String> brokenLinks(Path page) {
    return found(LINK, CODE_BLOCK.matcher(read(page)).replaceAll(""))
        .filter(link -> !link.contains("://") && !leadsSomewhere(page, link))
        .map(link -> ROOT.relativize(page) + ": " + link);
  }

  private static boolean leadsSomewhere(Path page, String link) {
    int hash = link.indexOf('#');
    String file = hash < 0 ? link : link.substring(0, hash);
    Path target = file.isEmpty() ? page : page.resolveSibling(file);
    return Files.exists(target) && (hash < 0 || anchors(target).contains(link.substring(hash + 1)));
  }

  /** The anchors that GitHub makes of a page's headings. */
  private static Set<String> anchors(Path page) {
    return found(HEADING, CODE_BLOCK.matcher(read(page)).replaceAll(""))
        .map(heading -> heading.toLowerCase(Locale.ROOT).replaceAll("[^\\w\\- ]", ""))
        .map(heading -> heading.replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  private static Stream<String> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(match -> match.group(1));
  }

  private static Stream<Path> pages() {
    return SOURCES.stream().filter(file -> file.toString().endsWith(".md"));
  }

  /** The pages and Java files of the repository, without what a build makes. */
  private static List<Path> sources() {
    List<Path> sources = new ArrayList<>();
    try {
      Files.walkFileTree(
          ROOT,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              String name = folder.getFileName().toString();
              return name.startsWith(".") || name.equals("target")
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (file.toString().endsWith(".md") || file.toString().endsWith(".java")) {
                sources.add(file);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sources;
  }

  private static String read(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
