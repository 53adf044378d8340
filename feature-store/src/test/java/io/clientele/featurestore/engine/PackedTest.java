package io.clientele.featurestore.engine;

import static io.clientele.featurestore.engine.TestingShop.DAY_0;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class PackedTest {
  private static final String SUMMARY =
      "025e7bfa878080cea6a532005864f55be5d2e8e052c7e21d192c03c0128f039a0b0602008080cea6"
          + "a53280f0f78b103303aa112f8f03020300032f0200018f03020301a41302697acc86422cbc72626e"
          + "ce93120128feffcda6a53200000100010001000128016764f55be5d2e8e052c7e21d193204a81a8f"
          + "039a0b0802008280cea6a53281f0f78b103303aa112fe8070203000003020002d8048f03bc050402"
          + "000301a41302697acc86422cbc72626ece931b025028008280cea6a5320200020101280002000102"
          + "000128010128";
  private static final String LEDGER =
      "028a9836c15e7bfa8764f55be5d2e8e052c7e21d19ba010405626f6f6b730667617264656e056d75"
          + "73696304746f79730102030201ac020280a0de8e853200010102000000024a59390016e8233e34b1"
          + "e164654f89338080cea6a532c27911cd8c43df20010032055b437bbb793fc6cd74d3efda5116f2ff"
          + "cda6a532ffffffffffffffff000380b0b5afa332cabd1bca128197ca4ddc239ab331c2faa4130202"
          + "000380a8cc7b4a59390016e8233e34b1e164654f89338f0302010301e27a50a9032c7d2ea5856835"
          + "b5f5ec65e807020101697acc86422cbc72626ece933d000204686f6d650473686f70000001000201"
          + "feffcda6a5328916f043733eac18112635f9930e510c02caeb1036c8102f25eb5582ae0b9c051a28"
          + "000101";

  /** Another form needs another format version, and this one must stay readable. */
  @Test
  void theSecondFormatStaysAsItIs() {
    long before = DAY_0 - 50 * Days.MS;
    CustomerState state =
        TestingShop.state(before, TestingShop.order("z", before, 1.5, "music", "toys"));
    for (Change change :
        new Change[] {
          TestingShop.order("a", DAY_0 - 3 * Days.MS, 12.34, "books", "toys"),
          TestingShop.order("b", DAY_0, -1, "toys"),
          TestingShop.order("c", DAY_0 + 1, 5, "garden"),
          TestingShop.amend(TestingShop.order("b", DAY_0, -2, "toys"), DAY_0),
          TestingShop.cancel("e", DAY_0 - 7),
          TestingShop.view("d", DAY_0 - 1, "home"),
          TestingShop.view("f", DAY_0 + 1, "shop")
        }) {
      TestingShop.fold(state, change, DAY_0);
    }

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

  @Test
  void blocksReadBackWhateverTheirLengths() {
    for (int length : new int[] {0, 1, 127, 128, 129, 16_383, 16_384, 2_097_152}) {
      var out = new PackedWriter();
      int outer = out.begin();
      out.signed(-7);
      int inner = out.begin();
      for (int i = 0; i < length; i++) {
        out.unsigned(i % 100);
      }
      out.end(inner);
      out.end(outer);
      out.signed(9);
      var in = new PackedReader();
      in.open(out.toByteArray(), 0);

      int outerEnd = in.blockEnd();
      assertThat(in.signed()).isEqualTo(-7);
      int innerEnd = in.blockEnd();
      assertThat(innerEnd - in.position()).isEqualTo(length);
      for (int i = 0; i < length; i++) {
        assertThat(in.unsigned()).isEqualTo(i % 100);
      }
      in.expectEnd(innerEnd);
      in.expectEnd(outerEnd);
      assertThat(in.signed()).isEqualTo(9);
    }
  }
}
