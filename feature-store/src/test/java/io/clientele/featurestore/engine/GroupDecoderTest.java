package io.clientele.featurestore.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.engine.FieldValue.Embedding;
import io.clientele.featurestore.engine.FieldValue.Label;
import io.clientele.featurestore.engine.FieldValue.Nothing;
import io.clientele.featurestore.engine.FieldValue.Numeric;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GroupDecoderTest {
  private static final GroupDecoder DECODER = TestingGroups.PLAN.groupDecoder();

  static List<Arguments> wrongValues() {
    return List.of(
        Arguments.of("age_years", new Label("old"), "a label (expected: a number)"),
        Arguments.of("age_years", new Nothing(), "nothing (expected: a number)"),
        Arguments.of("age_years", new Numeric(Double.NaN), "NaN (expected: a finite number)"),
        Arguments.of(
            "age_years",
            new Numeric(-1e39),
            "-1.0E39 (expected: from -3.4028235E38 to 3.4028235E38)"),
        Arguments.of("region", new Numeric(1), "a number (expected: a label)"),
        Arguments.of(
            "region", new Label("west2"), "west2 (expected: one of north, south, east, west)"),
        Arguments.of("region", new Label(""), "empty (expected: one of north, south, east, west)"),
        Arguments.of(
            "region",
            new Label("x".repeat(40)),
            "x".repeat(32) + "… (expected: one of north, south, east, west)"),
        Arguments.of("taste", new Numeric(1), "a number (expected: an embedding of 9)"),
        Arguments.of("taste", new Embedding(List.of(1f)), "1 numbers (expected: 9 of them)"),
        Arguments.of(
            "taste",
            new Embedding(Collections.nCopies(10, 1f)),
            "10 numbers (expected: 9 of them)"));
  }

  @ParameterizedTest
  @MethodSource("wrongValues")
  void saysWhatIsWrongWithAValue(String field, FieldValue value, String message) {
    assertThat(DECODER.decode("profile", 0, Map.of(field, value), ""))
        .isEqualTo(new Refusal("values." + field, message));
  }

  @Test
  void namesTheElementThatIsNotFinite() {
    List<Float> values = List.of(0f, 0f, Float.POSITIVE_INFINITY, 0f, 0f, 0f, 0f, 0f, 0f);

    assertThat(DECODER.decode("profile", 0, Map.of("taste", new Embedding(values)), ""))
        .isEqualTo(new Refusal("values.taste[2]", "Infinity (expected: a finite number)"));
  }

  @Test
  void namesWhatItDoesNotKnow() {
    assertThat(DECODER.decode("order", 0, Map.of(), ""))
        .isEqualTo(new Refusal("group", "order (expected: one of profile, consent)"));
    assertThat(DECODER.decode("profile", 0, Map.of("mails", new Label("no")), ""))
        .isEqualTo(
            new Refusal("values.mails", "unknown (expected: one of age_years, region, taste)"));
    assertThat(TestingShop.PLAN.groupDecoder().decode("profile", 0, Map.of(), ""))
        .isEqualTo(new Refusal("group", "profile (expected: none)"));
  }

  @Test
  void showsAFewWordsOfALongVocabulary() {
    String words = IntStream.range(0, 20).mapToObj(i -> "w" + i).collect(Collectors.joining(", "));
    FeaturePlan plan = TestingShop.plan(TestingGroups.YAML.replace("no, yes", words));

    assertThat(plan.groupDecoder().decode("consent", 0, Map.of("mails", new Label("no")), ""))
        .hasToString(
            "values.mails: no (expected: one of w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11,"
                + " w12, w13, w14, w15 and 4 more)");
  }

  @Test
  void boundsTheSource() {
    assertThat(GroupDecoder.checkSource("")).isEmpty();
    assertThat(GroupDecoder.checkSource("é".repeat(32))).isEmpty();
    assertThat(GroupDecoder.checkSource("é".repeat(32) + "x"))
        .contains(
            new Refusal(
                "source",
                "65 bytes, " + "é".repeat(32) + "… (expected: at most 64 bytes of UTF-8)"));
  }
}
