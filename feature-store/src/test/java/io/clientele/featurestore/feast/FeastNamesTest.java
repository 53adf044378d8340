package io.clientele.featurestore.feast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.grpc.InvalidRequestException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FeastNamesTest {
  private static final String YAML =
      """
      entity: driver
      retention: 30d
      future_tolerance: 5m
      events:
        trip:
          duplicates: retention
          measures:
            fare: {decimals: 2, unit: currency}
        login:
          duplicates: {recent: 16}
      features:
        - {name: trips_7d, count: trip, window: 7d}
        - {name: logins_7d, count: login, window: 7d}
        - {name: trips_per_login, ratio: trips_7d / logins_7d}
        - {name: driver_stats__trips, count: trip, window: 30d}
        - {name: driver_app__logins, count: login, window: 30d}
        - {name: trips, count: trip, window: lifetime}
        - {name: odd__, count: login, window: 1d}
      groups:
        profile:
          fields:
            rating: {type: number}
      """;

  private final FeastNames names = new FeastNames(Catalog.parse("test.yaml", YAML));

  @Test
  void findsAFeatureInTheViewOfEachEventOrGroupThatItIsOf() {
    assertThat(columns("trip:trips_7d", "login:logins_7d"))
        .containsExactly("trip__trips_7d", "login__logins_7d");
    assertThat(columns("trip:trips_per_login")).containsExactly("trip__trips_per_login");
    assertThat(columns("login:trips_per_login")).containsExactly("login__trips_per_login");
    assertThat(columns("profile:rating")).containsExactly("profile__rating");
  }

  @Test
  void findsAFeatureWithoutAView() {
    assertThat(columns("trips_per_login", "trips"))
        .containsExactly("trip__trips_per_login", "trip__trips");
  }

  @Test
  void takesOverTheNamesOfAView() {
    List<FeastName> taken = names.ofReferences(List.of("driver_stats:trips", "driver_app:logins"));

    assertThat(taken)
        .extracting(FeastName::catalogName)
        .containsExactly("driver_stats__trips", "driver_app__logins");
    assertThat(FeastNames.columns(taken, false)).containsExactly("trips", "logins");
    assertThat(FeastNames.columns(taken, true))
        .containsExactly("driver_stats__trips", "driver_app__logins");
    assertThat(names.ofCatalog("driver_stats__trips")).isEqualTo(taken.getFirst());
    assertThat(names.ofReferences(List.of("trip:trips")).getFirst().catalogName())
        .isEqualTo("trips");
  }

  @Test
  void takesANameThatOnlyEndsWithTheSeparatorAsItIs() {
    assertThat(columns("login:odd__")).containsExactly("login__odd__");
  }

  @Test
  void namesTheReferenceThatIsWrongAndTheRightOne() {
    assertRefused("login:trips_7d", "login:trips_7d (expected: trip:trips_7d)");
    assertRefused(
        "x:trips_per_login",
        "x:trips_per_login (expected: trip:trips_per_login or login:trips_per_login)");
    assertRefused("trip:none", "trip:none (expected: a feature of the catalog, or view:feature)");
    assertRefused("", " (expected: a feature of the catalog, or view:feature)");
  }

  @Test
  void refusesTwoColumnsOfOneName() {
    List<FeastName> both = names.ofReferences(List.of("driver_stats:trips", "trip:trips"));

    assertThat(FeastNames.columns(both, true))
        .containsExactly("driver_stats__trips", "trip__trips");
    assertThatThrownBy(() -> FeastNames.columns(both, false))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessage("trips more than once (expected: once, or full_feature_names)");
  }

  private List<String> columns(String... references) {
    return FeastNames.columns(names.ofReferences(List.of(references)), true);
  }

  private void assertRefused(String reference, String message) {
    assertThatThrownBy(() -> names.ofReferences(List.of("trips", reference)))
        .isInstanceOfSatisfying(
            InvalidRequestException.class, e -> assertThat(e.field()).isEqualTo("features"))
        .hasMessage(message);
  }
}
