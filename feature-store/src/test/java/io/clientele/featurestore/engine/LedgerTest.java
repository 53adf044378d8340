package io.clientele.featurestore.engine;

import static io.clientele.featurestore.engine.TestingShop.DAY_0;
import static io.clientele.featurestore.engine.TestingShop.view;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LedgerTest {
  /** An id may be used again once its event has left the retention. */
  @Test
  void keepsTheLaterEventOfAnIdWhenTheEarlierOneGoes() {
    Event earlier = view("v", DAY_0);
    Event later = view("v", DAY_0 + 50 * Days.MS);
    var ledger = new Ledger(earlier.layout());
    ledger.add(earlier);
    ledger.add(later);

    assertThat(ledger.dropBefore(DAY_0 + Days.MS)).isTrue();

    assertThat(ledger.key(later.key().id())).isEqualTo(later.key());
    assertThat(ledger.size()).isEqualTo(1);
  }
}
