package io.clientele.featurestore.engine;

import static io.clientele.featurestore.engine.TestingGroups.PLAN;
import static io.clientele.featurestore.engine.TestingGroups.age;
import static io.clientele.featurestore.engine.TestingGroups.mails;
import static io.clientele.featurestore.engine.TestingGroups.none;
import static io.clientele.featurestore.engine.TestingGroups.packed;
import static io.clientele.featurestore.engine.TestingGroups.profile;
import static io.clientele.featurestore.engine.TestingGroups.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class CustomerGroupsTest {
  private static final long NOW = TestingShop.DAY_0;
  private static final byte[] NO_EVENTS = {};

  private final CustomerGroups groups = TestingGroups.groups(PLAN, none());

  @Test
  void theLaterWriteHoldsInWhateverOrder() {
    assertThat(fold(age(NOW - 2, 30))).isEqualTo(Verdict.APPLIED);
    assertThat(fold(age(NOW - 1, 31))).isEqualTo(Verdict.APPLIED);

    Outcome outcome = groups.fold(age(NOW - 3, 29), NOW);

    assertThat(outcome.verdict()).isEqualTo(Verdict.STALE);
    assertThat(outcome.refusal())
        .hasToString(
            "event_time: 1997-05-18T23:59:59.997Z (expected: later than 1997-05-18T23:59:59.999Z)");
    assertThat(features()).containsEntry("age_years", 31f);
  }

  @Test
  void aWriteReplacesTheWholeGroup() {
    fold(profile(NOW - 2, Map.of("region", new FieldValue.Label("south"))));
    assertThat(features()).containsEntry("region", 1f).containsEntry("age_years", null);

    fold(age(NOW - 1, 31));

    assertThat(features()).containsEntry("region", null).containsEntry("age_years", 31f);
  }

  @Test
  void knowsTheSameWriteAgain() {
    fold(age(NOW, 30));
    byte[] once = packed(groups)[0];

    assertThat(fold(age(NOW, 30))).isEqualTo(Verdict.DUPLICATE);
    assertThat(packed(groups)[0]).isSameAs(once);
  }

  @Test
  void ofTwoWritesOfOneMomentOneHoldsAndTheOtherIsTold() {
    Verdict first = fold(age(NOW, 30));
    Outcome second = groups.fold(age(NOW, 31), NOW);
    Outcome third = groups.fold(age(NOW, 30), NOW);

    assertThat(first).isEqualTo(Verdict.APPLIED);
    assertThat(List.of(second.verdict(), third.verdict()))
        .containsExactlyInAnyOrder(
            Verdict.STALE, second.verdict() == Verdict.STALE ? Verdict.DUPLICATE : Verdict.APPLIED);
  }

  @Test
  void takesAnOldValueAndRefusesOneFromTheFuture() {
    assertThat(fold(age(0, 30))).isEqualTo(Verdict.APPLIED);
    assertThat(fold(age(NOW + 300_000, 31))).isEqualTo(Verdict.APPLIED);

    assertThat(groups.fold(age(NOW + 300_001, 32), NOW))
        .isEqualTo(
            Outcome.rejected(
                new Refusal(
                    "event_time", "300001 ms ahead of the clock (expected: at most 300000 ms)")));
  }

  @Test
  void groupsDoNotTouchEachOther() {
    fold(age(NOW, 30));

    assertThat(groups.changed()).containsOnlyKeys("profile");
    assertThat(fold(mails(NOW - 1, "yes"))).isEqualTo(Verdict.APPLIED);
    assertThat(features()).containsEntry("age_years", 30f).containsEntry("mails", 1f);
  }

  @Test
  void whatCannotBeReadGivesWay() {
    byte[][] stored = packed(NOW, age(NOW, 30));
    stored[0][PackedGroup.TIME]++;
    var damaged = TestingGroups.groups(PLAN, stored);
    FeaturePlan larger = TestingShop.plan(TestingGroups.YAML.replace("size: 9", "size: 10"));
    var foreign = TestingGroups.groups(larger, packed(NOW, age(NOW, 30)));
    GroupWrite older =
        TestingGroups.write(
            larger, "profile", NOW - 9, Map.of("age_years", new FieldValue.Numeric(31)), "");

    assertThat(damaged.fold(age(NOW - 9, 31), NOW).verdict()).isEqualTo(Verdict.APPLIED);
    assertThat(foreign.fold(older, NOW).verdict()).isEqualTo(Verdict.APPLIED);
    assertThatThrownBy(() -> damaged.fold(older, NOW)).hasMessageContaining("another plan");
  }

  @Property(tries = 300)
  void anyOrderGivesTheSameValues(
      @ForAll("writes") List<GroupWrite> writes, @ForAll Random random) {
    List<GroupWrite> shuffled = new ArrayList<>(writes);
    Collections.shuffle(shuffled, random);

    byte[][] packed = packed(NOW, writes.toArray(GroupWrite[]::new));
    byte[][] other = packed(NOW, shuffled.toArray(GroupWrite[]::new));

    assertThat(other).isDeepEqualTo(packed);
    assertThat(read(NO_EVENTS, other, NOW)).isEqualTo(read(NO_EVENTS, packed, NOW));
  }

  @Property(tries = 300)
  void writingAllAgainChangesNothing(@ForAll("writes") List<GroupWrite> writes) {
    byte[][] packed = packed(NOW, writes.toArray(GroupWrite[]::new));
    var again = TestingGroups.groups(PLAN, packed);

    for (GroupWrite write : writes) {
      assertThat(again.fold(write, NOW + 1).verdict()).isIn(Verdict.DUPLICATE, Verdict.STALE);
    }
    assertThat(again.changed()).isEmpty();
  }

  /** Of few moments and values, so that many are equal. */
  @Provide
  Arbitrary<List<GroupWrite>> writes() {
    Arbitrary<Long> times = Arbitraries.longs().between(NOW - 3, NOW);
    Arbitrary<GroupWrite> profiles =
        Combinators.combine(
                times,
                Arbitraries.integers().between(30, 32),
                Arbitraries.of("north", "south"),
                Arbitraries.floats().between(-1, 1))
            .as(
                (time, years, region, taste) ->
                    profile(
                        time,
                        Map.of(
                            "age_years",
                            new FieldValue.Numeric(years),
                            "region",
                            new FieldValue.Label(region),
                            "taste",
                            TestingGroups.taste(taste > 0 ? 0 : taste))));
    Arbitrary<GroupWrite> ages =
        Combinators.combine(times, Arbitraries.integers().between(30, 31))
            .as((time, years) -> age(time, years));
    Arbitrary<GroupWrite> consents =
        Combinators.combine(times, Arbitraries.of("no", "yes")).as(TestingGroups::mails);
    return Arbitraries.oneOf(profiles, ages, consents).list().ofMaxSize(12);
  }

  private Verdict fold(GroupWrite write) {
    return groups.fold(write, NOW).verdict();
  }

  private Map<String, Float> features() {
    return read(NO_EVENTS, packed(groups), NOW);
  }
}
