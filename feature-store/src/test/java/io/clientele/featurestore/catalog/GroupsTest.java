package io.clientele.featurestore.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GroupsTest {
  private static final String SHOP =
      """
      entity: customer
      retention: 40d
      future_tolerance: 5m
      events:
        order: {duplicates: retention}
      features:
        - {name: orders, count: order, window: lifetime}
      """;
  private static final String PROFILE =
      SHOP
          + """
          groups:
            profile:
              max_age: 30d
              fields:
                age_years: {type: number, default: 40}
                region: {type: label, vocabulary: [north, south, "true"], default: -1}
                taste: {type: embedding, size: 3}
            consent:
              fields:
                mails: {type: label, vocabulary: [no, yes]}
          """;

  @Test
  void readsWhatTheFileSays() {
    Catalog catalog = Catalog.parse("c.yaml", PROFILE);

    assertThat(catalog.groups())
        .containsExactly(
            new FeatureGroup(
                "profile",
                30L * 86_400_000,
                List.of(
                    new GroupField("age_years", new FieldType.Numeric(), 40),
                    new GroupField(
                        "region", new FieldType.Label(List.of("north", "south", "true")), -1),
                    new GroupField("taste", new FieldType.Embedding(3), 0))),
            new FeatureGroup(
                "consent",
                FeatureGroup.ANY_AGE,
                List.of(new GroupField("mails", new FieldType.Label(List.of("no", "yes")), 0))));
    assertThat(catalog.group("profile").orElseThrow().size()).isEqualTo(5);
  }

  @Test
  void fieldsAreFeaturesBehindTheOthers() {
    assertThat(Catalog.parse("c.yaml", PROFILE).features())
        .extracting(feature -> feature.name() + ": " + feature.meaning())
        .containsExactly(
            "orders: count of order over the lifetime",
            "age_years: profile.age_years, as last written",
            "region: profile.region, as last written: its place among north, south, true",
            "taste_0: element 0 of profile.taste, as last written",
            "taste_1: element 1 of profile.taste, as last written",
            "taste_2: element 2 of profile.taste, as last written",
            "mails: consent.mails, as last written: its place among no, yes");
    assertThat(Catalog.parse("c.yaml", PROFILE).feature("region").orElseThrow().defaultValue())
        .isEqualTo(-1);
  }

  @Test
  void showsAFewWordsOfALongVocabulary() {
    String words = IntStream.range(0, 9).mapToObj(i -> "w" + i).collect(Collectors.joining(", "));
    Catalog catalog = Catalog.parse("c.yaml", PROFILE.replace("no, yes", words));

    assertThat(catalog.feature("mails").orElseThrow().meaning()).endsWith("w6, w7, …");
  }

  /** Models name what they were trained on by these; they must not change with a release. */
  @Test
  void hashesOfCatalogsStayWhatTheyAre() {
    assertThat(Catalog.retail().hash()).startsWith("37e67086f9178177");
    assertThat(Catalog.parse("c.yaml", PROFILE).hash()).startsWith("49d13106a57cabea");
    assertThat(definition(PROFILE, "region")).isEqualTo("6c7e6e21dbaad0b1");
  }

  @Test
  void hashChangesWithAllThatIsDefined() {
    assertThat(
            List.of(
                SHOP,
                PROFILE,
                PROFILE.replace("profile:", "person:"),
                PROFILE.replace("max_age: 30d", "max_age: 31d"),
                PROFILE.replace("default: 40", "default: 41"),
                PROFILE.replace("north, south", "south, north"),
                PROFILE.replace("size: 3", "size: 4"),
                PROFILE.replace("age_years", "age"),
                PROFILE.replace("age_years: {type: number", "age_years: {type: embedding, size: 1"),
                PROFILE.replace("[no, yes]", "[no, yes, perhaps]")))
        .extracting(yaml -> Catalog.parse("c.yaml", yaml).hash())
        .doesNotHaveDuplicates();
  }

  @Test
  void definitionIsOfTheMeaningAlone() {
    String region = definition(PROFILE, "region");

    assertThat(definition(PROFILE.replace("30d", "31d"), "region")).isEqualTo(region);
    assertThat(definition(PROFILE.replace("default: -1", "default: 0"), "region"))
        .isEqualTo(region);
    assertThat(definition(PROFILE.replace("size: 3", "size: 4"), "region")).isEqualTo(region);
    assertThat(
            List.of(
                region,
                definition(PROFILE.replace("north, south", "south, north"), "region"),
                definition(PROFILE.replace("north, south", "\"north:5 south\""), "region"),
                definition(PROFILE.replace("profile:", "person:"), "region"),
                definition(PROFILE, "taste_0"),
                definition(PROFILE, "taste_1"),
                definition(PROFILE.replace("size: 3", "size: 4"), "taste_1")))
        .doesNotHaveDuplicates();
  }

  /** So that the models that ship run on it. */
  @Test
  void theExampleIsTheCatalogThatShipsAndGroups() throws IOException {
    Catalog example = Catalog.load(Path.of("../docs/examples/retail_with_profile.yaml"));
    Catalog retail = Catalog.retail();

    assertThat(example.eventTypes()).isEqualTo(retail.eventTypes());
    assertThat(example.features().subList(0, retail.features().size()))
        .isEqualTo(retail.features());
    assertThat(example.label()).isEqualTo(retail.label());
    assertThat(example.retentionDays()).isEqualTo(retail.retentionDays());
    assertThat(example.groups())
        .extracting(FeatureGroup::name)
        .containsExactly("profile", "consent");
  }

  @Test
  void listsEveryProblemWithItsLine() {
    String wrong =
        SHOP
            + """
            groups:
              Profile: {fields: {x: {type: number}}}
              order: {fields: {y: {type: number}}}
              none: {fields: {}}
              bare: {max_age: 0d}
              odd:
                max_age: often
                colour: red
                fields:
                  a: {type: text, length: 3}
                  b: {}
                  c: {type: label}
                  c2: {type: label, vocabulary: []}
                  d: {type: label, vocabulary: [x, y, x, "", [z]]}
                  e: {type: embedding}
                  f: {type: embedding, size: 0}
                  g: {type: number, size: 3, default: many}
                  orders: {type: number}
                  as_of: {type: number}
            """;

    assertThat(problems(wrong))
        .containsExactlyInAnyOrder(
            "c.yaml:9: groups: Profile (expected: a name of lower-case letters, digits and _, at"
                + " most 64, a letter first)",
            "c.yaml:10: groups: order is an event type (expected: another)",
            "c.yaml:11: groups.none.fields: none (expected: at least one)",
            "c.yaml:12: groups.bare.max_age: 0d (expected: more than nothing)",
            "c.yaml:12: groups.bare: fields is missing",
            "c.yaml:25: feature: two features called orders",
            "c.yaml:26: groups.odd: as_of is a column of snapshots (expected: another)",
            "c.yaml:14: groups.odd.max_age: often (expected: a duration such as 500ms, 30s, 5m, 1h"
                + " or 2d)",
            "c.yaml:15: groups.odd: unknown key colour",
            "c.yaml:17: groups.odd.a.type: text (expected: one of number, label, embedding)",
            "c.yaml:18: groups.odd.b: type is missing",
            "c.yaml:19: groups.odd.c: vocabulary is missing",
            "c.yaml:20: groups.odd.c2.vocabulary: no words (expected: at least one)",
            "c.yaml:21: groups.odd.d.vocabulary: x stands twice",
            "c.yaml:21: groups.odd.d.vocabulary: not a word (expected: 1 to 128 bytes of UTF-8)",
            "c.yaml:21: groups.odd.d.vocabulary: not a word (expected: 1 to 128 bytes of UTF-8)",
            "c.yaml:22: groups.odd.e: size is missing",
            "c.yaml:23: groups.odd.f.size: 0 (expected: a whole number from 1 to 1000)",
            "c.yaml:24: groups.odd.g.default: many (expected: a number)",
            "c.yaml:24: groups.odd.g: unknown key size");
  }

  @Test
  void boundsGroupsFieldsWordsAndFeatures() {
    String groups = each(33, i -> "  g" + i + ": {fields: {f" + i + ": {type: number}}}\n");
    String fields = each(65, i -> "      f" + i + ": {type: number}\n");
    String words =
        IntStream.range(0, 1_025).mapToObj(i -> "w" + i).collect(Collectors.joining(","));
    String embeddings =
        "  g: {fields: {a: {type: embedding, size: 500}, b: {type: embedding, size: 500}}}\n";

    assertThat(problems(SHOP + "groups:\n" + groups))
        .containsExactly("c.yaml:9: groups: 33 (expected: at most 32)");
    assertThat(problems(SHOP + "groups:\n  g:\n    fields:\n" + fields))
        .containsExactly("c.yaml:11: groups.g.fields: 65 (expected: at most 64)");
    assertThat(
            problems(
                SHOP + "groups:\n  g: {fields: {a: {type: label, vocabulary: [" + words + "]}}}\n"))
        .containsExactly("c.yaml:9: groups.g.a.vocabulary: 1025 words (expected: at most 1024)");
    assertThat(problems(SHOP + "groups:\n" + embeddings))
        .containsExactly("c.yaml:9: features: more than 1000");
  }

  @Test
  void refusesARatioOfAPushedFeature() {
    Catalog catalog = Catalog.parse("c.yaml", PROFILE);
    Feature orders = catalog.feature("orders").orElseThrow();
    Feature age = catalog.feature("age_years").orElseThrow();

    assertThatThrownBy(() -> new Formula.Ratio(orders, age))
        .hasMessage("a ratio of a pushed feature");
    assertThat(
            problems(
                PROFILE.replace("groups:", "  - {name: r, ratio: orders / age_years}\ngroups:")))
        .containsExactly(
            "c.yaml:8: feature.ratio: age_years (expected: a feature that stands above and is no"
                + " ratio)");
  }

  private static String each(int count, java.util.function.IntFunction<String> text) {
    return IntStream.range(0, count).mapToObj(text).collect(Collectors.joining());
  }

  private static List<String> problems(String yaml) {
    CatalogException e =
        catchThrowableOfType(CatalogException.class, () -> Catalog.parse("c.yaml", yaml));
    return e.problems().stream().map(CatalogProblem::toString).toList();
  }

  private static String definition(String yaml, String feature) {
    return Catalog.parse("c.yaml", yaml).feature(feature).orElseThrow().definition();
  }
}
