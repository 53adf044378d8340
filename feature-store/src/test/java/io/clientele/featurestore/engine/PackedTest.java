package io.clientele.featurestore.engine;

import static io.clientele.featurestore.engine.TestingShop.DAY_0;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class PackedTest {
  private static final String SUMMARY =
      "01fd7759a18080cea6a532004b8bc72b97138663a22802dc11c701b60a0402008080cea6a53280a8"
          + "cc7b020903c70102020003020001c701020301a4130296ff63e5922aa7ae110128feffcda6a53200"
          + "010001000100012801528bc72b97138663a22f03c419c701b60a0602008280cea6a53281a8cc7b02"
          + "0903e8070203000003020002a006c701d8040402000301a4130296ff63e5922aa7ae110128feffcd"
          + "a6a532000100010001000128";
  private static final String LEDGER =
      "013570a3cefd7759a18bc72b97138663a263000305626f6f6b730667617264656e04746f79730202"
          + "000380b0b5afa332cabd1bca128197ca4ddc239ab331c2faa4130202000280a8cc7b4a59390016e8"
          + "233e34b1e164654f8933c70102010201e27a50a9032c7d2ea5856835b5f5ec65e80702010196ff63"
          + "e5922aa7ae220000000104686f6d65010001feffcda6a5328916f043733eac18112635f9930e510c";

  /** Another form needs another format version, and this one must stay readable. */
  @Test
  void theFirstFormatStaysAsItIs() {
    CustomerState state =
        TestingShop.state(
            DAY_0,
            TestingShop.order("a", DAY_0 - 3 * Days.MS, 12.34, "books", "toys"),
            TestingShop.order("b", DAY_0, -1, "toys"),
            TestingShop.order("c", DAY_0 + 1, 5, "garden"),
            TestingShop.view("d", DAY_0 - 1, "home"));

    assertThat(HexFormat.of().formatHex(state.encode().summary())).isEqualTo(SUMMARY);
    assertThat(HexFormat.of().formatHex(state.encode().ledger())).isEqualTo(LEDGER);
  }

  @Test
  void numbersReadBackAsTheyWere() {
    long[] numbers = {
      0, 1, -1, 63, 64, -64, -65, 127, 128, 1L << 40, Long.MIN_VALUE, Long.MAX_VALUE
    };
    var out = new PackedWriter();
    for (long number : numbers) {
      out.signed(number);
      out.unsigned(number);
    }
    var in = new PackedReader();
    in.open(out.toByteArray(), 0);

    for (long number : numbers) {
      assertThat(in.signed()).isEqualTo(number);
      assertThat(in.unsigned()).isEqualTo(number);
    }
    assertThat(in.hasMore()).isFalse();
  }
}
