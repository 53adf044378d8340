package io.clientele.featurestore.engine;

import static io.clientele.featurestore.engine.TestingGroups.PLAN;
import static io.clientele.featurestore.engine.TestingGroups.age;
import static io.clientele.featurestore.engine.TestingGroups.mails;
import static io.clientele.featurestore.engine.TestingGroups.none;
import static io.clientele.featurestore.engine.TestingGroups.packed;
import static io.clientele.featurestore.engine.TestingGroups.profile;
import static io.clientele.featurestore.engine.TestingGroups.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.clientele.featurestore.engine.CustomerDescription.FeatureValue;
import io.clientele.featurestore.engine.CustomerDescription.GroupSummary;
import io.clientele.featurestore.engine.CustomerDescription.Presence;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Reading rows with features of groups. */
class GroupReaderTest {
  private static final long NOW = TestingShop.DAY_0 + Days.MS / 2;
  private static final long MAX_AGE = 30 * Days.MS;
  private static final byte[] NO_EVENTS = {};

  @Test
  void readsEveryTypeOfField() {
    byte[][] groups =
        packed(
            NOW,
            profile(
                NOW - 5,
                Map.of(
                    "age_years", new FieldValue.Numeric(31.5),
                    "region", new FieldValue.Label("west"),
                    "taste", TestingGroups.taste(0.25f))),
            mails(NOW, "yes"));

    assertThat(read(NO_EVENTS, groups, NOW))
        .containsEntry("age_years", 31.5f)
        .containsEntry("region", 3f)
        .containsEntry("taste_0", 0.25f)
        .containsEntry("taste_8", 8f)
        .containsEntry("mails", 1f)
        .containsEntry("orders_7d", 0f)
        .containsEntry("recency", null);
  }

  @Test
  void readsEventsAndGroupsTogetherInAnyOrderOfColumns() {
    FeatureSelection selection =
        PLAN.select(List.of("mails", "spend", "taste_3", "region", "spend", "mails"));
    var state = CustomerState.empty(PLAN);
    state.fold(order(NOW), NOW);
    byte[][] all =
        packed(NOW, mails(NOW, "yes"), profile(NOW, Map.of("taste", TestingGroups.taste(0))));
    ByteBuffer values = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer presence = ByteBuffer.allocate(1);

    assertThat(selection.groups()).containsExactly("profile", "consent");
    selection.newReader().read(state.encode().summary(), all, NOW, values, 0, presence, 0);

    float[] row = new float[6];
    values.asFloatBuffer().get(row);
    assertThat(row).containsExactly(1, 2.5f, 3, -1, 2.5f, 1);
    assertThat(presence.get(0)).isEqualTo((byte) 0b110111);
  }

  @Test
  void wantsTheGroupsOfItsColumnsOnly() {
    assertThat(PLAN.select(List.of("orders_7d", "spend")).groups()).isEmpty();
    assertThat(PLAN.select(List.of("mails")).groups()).containsExactly("consent");
    assertThat(PLAN.all().groups()).containsExactly("profile", "consent");
  }

  @Test
  void marksAFeatureStaleWhenOlderThanItsLimit() {
    byte[][] groups = packed(NOW, age(NOW, 31), mails(NOW, "no"));
    FeatureReader reader = PLAN.all().newReader();
    int years = PLAN.all().names().indexOf("age_years");

    read(PLAN.all(), reader, NO_EVENTS, groups, NOW + MAX_AGE);
    assertThat(reader.hasStale()).isFalse();
    assertThat(reader.isStale(years)).isFalse();

    Map<String, Float> features = read(PLAN.all(), reader, NO_EVENTS, groups, NOW + MAX_AGE + 1);
    assertThat(features).containsEntry("age_years", 31f);
    assertThat(reader.hasStale()).isTrue();
    assertThat(staleColumns(reader)).containsExactly("age_years");
    byte[] staleness = new byte[1 + PLAN.all().presenceBytes()];
    reader.writeStaleness(staleness, 1);
    assertThat(staleness).containsExactly(0, 1 << years, 0);
  }

  @Test
  void tellsAges() {
    var state = CustomerState.empty(PLAN);
    state.fold(order(NOW - 9 * Days.MS), NOW);
    FeatureReader reader = PLAN.all().newReader();
    byte[][] groups = packed(NOW, age(NOW - 1_500, 31), mails(NOW + 1_000, "no"));

    read(PLAN.all(), reader, state.encode().summary(), groups, NOW);

    assertThat(ageOf(reader, "spend")).isEqualTo(9 * 86_400f);
    assertThat(ageOf(reader, "orders_7d")).isNaN();
    assertThat(ageOf(reader, "age_years")).isEqualTo(1.5f);
    assertThat(ageOf(reader, "region")).isNaN();
    assertThat(ageOf(reader, "mails")).isZero();
  }

  @Test
  void anUnknownCustomerHasNoGroups() {
    FeatureReader reader = PLAN.all().newReader();
    read(PLAN.all(), reader, NO_EVENTS, packed(NOW, age(NOW, 31)), NOW);
    ByteBuffer values = ByteBuffer.allocate(PLAN.all().rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer presence = ByteBuffer.allocate(PLAN.all().presenceBytes());

    reader.readUnknown(values, 0, presence, 0);

    assertThat(TestingShop.byName(PLAN.all(), values, presence))
        .isEqualTo(read(NO_EVENTS, none(), NOW))
        .containsEntry("age_years", null)
        .containsEntry("orders_7d", 0f);
    assertThat(reader.hasStale()).isFalse();
  }

  @Test
  void ofADamagedCustomerEverythingIsMissing() {
    ByteBuffer values = ByteBuffer.allocate(PLAN.all().rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer presence = ByteBuffer.allocate(PLAN.all().presenceBytes());

    PLAN.all().newReader().readMissing(values, 0, presence, 0);

    assertThat(TestingShop.byName(PLAN.all(), values, presence).values()).allMatch(Objects::isNull);
    assertThat(values.getFloat(2 * Float.BYTES)).isEqualTo(99);
    assertThat(values.getFloat(3 * Float.BYTES)).isEqualTo(40);
  }

  @Test
  void answersNothingOfAGroupThatWasWrittenUnderAnotherDefinition() {
    FeaturePlan other = TestingShop.plan(TestingGroups.YAML.replace("east, west", "west, east"));
    byte[][] groups = packed(NOW, age(NOW, 31), mails(NOW, "yes"));
    FeatureReader reader = other.all().newReader();

    Map<String, Float> features = read(other.all(), reader, NO_EVENTS, groups, NOW);

    assertThat(features).containsEntry("age_years", null).containsEntry("mails", 1f);
    assertThat(reader.hasUnanswered()).isTrue();
    assertThat(reader.isUnanswered(other.all().names().indexOf("region"))).isTrue();
    assertThat(reader.isUnanswered(other.all().names().indexOf("mails"))).isFalse();
    assertThat(reader.damagedGroups()).isEmpty();
  }

  @Test
  void doesNotAnswerAPastMomentFromWhatWasWrittenOfALaterOne() {
    byte[][] groups = packed(NOW, age(NOW, 31), mails(NOW - Days.MS, "yes"));
    FeatureReader reader = PLAN.all().newReader();
    long past = NOW - 300_001; // by more than clocks may differ

    Map<String, Float> features = read(PLAN.all(), reader, NO_EVENTS, groups, past);

    assertThat(features).containsEntry("age_years", null).containsEntry("mails", 1f);
    assertThat(reader.isUnanswered(PLAN.all().names().indexOf("age_years"))).isTrue();
    assertThat(feature(PLAN.describe(NO_EVENTS, groups, past), "age_years").origin())
        .isEqualTo("profile was written again since, 1997-05-19T12:00:00Z");
    assertThat(read(NO_EVENTS, groups, past + 1)).containsEntry("age_years", 31f);
  }

  /** Whatever happens to the bytes of a group, it is told, and the other features are read. */
  @Property(tries = 500)
  void findsDamageOfAGroup(
      @ForAll @IntRange(min = 0, max = 78) int place,
      @ForAll @IntRange(min = 1, max = 255) int flip) {
    byte[][] groups = packed(NOW, age(NOW, 31), mails(NOW, "yes"));
    groups[0][place] ^= (byte) flip;

    assertDamaged(groups);
  }

  @Property(tries = 200)
  void findsAGroupThatIsCutShort(@ForAll @IntRange(min = 1, max = 78) int length) {
    byte[][] groups = packed(NOW, age(NOW, 31), mails(NOW, "yes"));
    groups[0] = Arrays.copyOf(groups[0], length);

    assertDamaged(groups);
  }

  private static void assertDamaged(byte[][] groups) {
    FeatureReader reader = PLAN.all().newReader();
    Map<String, Float> features = read(PLAN.all(), reader, NO_EVENTS, groups, NOW);

    assertThat(reader.damagedGroups()).containsExactly("profile");
    assertThat(reader.hasUnanswered()).isTrue();
    assertThat(features).containsEntry("age_years", null).containsEntry("mails", 1f);
  }

  @Test
  void theTestsOfDamageTouchEveryByte() {
    assertThat(packed(NOW, age(NOW, 31))[0]).hasSize(79);
  }

  @Test
  void explainsWhatWasWritten() {
    byte[][] groups = packed(NOW, age(NOW - MAX_AGE - 1, 31), mails(NOW - 1, "no"));

    CustomerDescription description = PLAN.describe(NO_EVENTS, groups, NOW);

    assertThat(description.groups())
        .containsExactly(
            new GroupSummary("profile", NOW - MAX_AGE - 1, NOW, "crm", true),
            new GroupSummary("consent", NOW - 1, NOW, "", false));
    assertThat(feature(description, "age_years"))
        .extracting(FeatureValue::presence, FeatureValue::value, FeatureValue::origin)
        .containsExactly(Presence.STALE, 31f, "written by crm, 1997-04-19T11:59:59.999Z");
    assertThat(feature(description, "region"))
        .extracting(FeatureValue::presence, FeatureValue::value, FeatureValue::origin)
        .containsExactly(
            Presence.MISSING,
            -1f,
            "not given where profile was written by crm, 1997-04-19T11:59:59.999Z");
    assertThat(feature(description, "mails").origin())
        .isEqualTo("written, 1997-05-19T11:59:59.999Z");
  }

  @Test
  void explainsWhatCannotBeRead() {
    byte[][] damaged = packed(NOW, age(NOW, 31));
    damaged[0][9]++;
    FeaturePlan other = TestingShop.plan(TestingGroups.YAML.replace("no, yes", "yes, no"));

    CustomerDescription description = PLAN.describe(NO_EVENTS, damaged, NOW);
    FeatureValue years = feature(description, "age_years");
    FeatureValue mails =
        feature(other.describe(NO_EVENTS, packed(NOW, mails(NOW, "no")), NOW), "mails");

    assertThat(years.presence()).isEqualTo(Presence.UNANSWERED);
    assertThat(years.origin()).isEqualTo("what was written to profile is damaged");
    assertThat(years.ageMs()).isEmpty();
    assertThat(mails.presence()).isEqualTo(Presence.UNANSWERED);
    assertThat(mails.origin()).isEqualTo("consent was written under another definition");
    assertThat(feature(description, "mails").origin()).isEqualTo("consent was never written");
    assertThat(description.groups()).isEmpty();
    assertThat(catchThrowable(() -> PLAN.describe(new byte[9], none(), NOW)))
        .isInstanceOf(StateException.class);
  }

  private static Event order(long timeMs) {
    return TestingShop.event(
        PLAN.decoder().decode("order", "o1", timeMs, Map.of("amount", 2.5), Map.of()));
  }

  private static List<String> staleColumns(FeatureReader reader) {
    return PLAN.all().names().stream()
        .filter(name -> reader.isStale(PLAN.all().names().indexOf(name)))
        .toList();
  }

  private static float ageOf(FeatureReader reader, String feature) {
    byte[] ages = new byte[4 + PLAN.all().rowBytes()];
    reader.writeAges(ages, 4);
    return ByteBuffer.wrap(ages)
        .order(ByteOrder.LITTLE_ENDIAN)
        .getFloat(4 + 4 * PLAN.all().names().indexOf(feature));
  }

  private static FeatureValue feature(CustomerDescription description, String name) {
    return description.features().stream()
        .filter(value -> value.feature().name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
