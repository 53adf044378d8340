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

  /** As the second format had it. */
  private static final String SECOND_LEDGER =
      "028a9836c15e7bfa8764f55be5d2e8e052c7e21d19ba010405626f6f6b730667617264656e056d75"
          + "73696304746f79730102030201ac020280a0de8e853200010102000000024a59390016e8233e34b1"
          + "e164654f89338080cea6a532c27911cd8c43df20010032055b437bbb793fc6cd74d3efda5116f2ff"
          + "cda6a532ffffffffffffffff000380b0b5afa332cabd1bca128197ca4ddc239ab331c2faa4130202"
          + "000380a8cc7b4a59390016e8233e34b1e164654f89338f0302010301e27a50a9032c7d2ea5856835"
          + "b5f5ec65e807020101697acc86422cbc72626ece933d000204686f6d650473686f70000001000201"
          + "feffcda6a5328916f043733eac18112635f9930e510c02caeb1036c8102f25eb5582ae0b9c051a28"
          + "000101";

  private static final String LEDGER =
      "03b7c55af95e7bfa8764f55be5d2e8e052c7e21d19ba010405626f6f6b730667617264656e056d75"
          + "73696304746f79730102030201ac020280a0de8e853200010102000000024a59390016e8233e34b1"
          + "e164654f89338080cea6a532c27911cd8c43df20010032055b437bbb793fc6cd74d3efda5116f2ff"
          + "cda6a532ffffffffffffffff000380b0b5afa332cabd1bca128197ca4ddc239ab331c2faa4130202"
          + "000380a8cc7b4a59390016e8233e34b1e164654f89338f0302010301e27a50a9032c7d2ea5856835"
          + "b5f5ec65e807020101697acc861e6a7e09bee9c32950000204686f6d650473686f70010001000001"
          + "28feffcda6a532000001000100010001280201feffcda6a5328916f043733eac18112635f9930e51"
          + "0c02caeb1036c8102f25eb5582ae0b9c051a28000101";

  private static final String TAIL =
      "039bb1223c57d7373eb7c55af9697acc861e6a7e09bee9c329238480cea6a532c5b6476185a90acd"
          + "20dae5fe7d2bffb42800020473686f7004746f7973";

  /** Another form needs another format version, and this one must stay readable. */
  @Test
  void theThirdFormatStaysAsItIs() {
    PackedState packed = shopper().encode();

    assertThat(hex(packed.summary())).isEqualTo(SUMMARY);
    assertThat(hex(packed.ledger())).isEqualTo(LEDGER);
    assertThat(packed.tail()).isEmpty();
  }

  @Test
  void tailsStayAsTheyAre() {
    PackedState packed = shopper().encode();
    CustomerState state =
        CustomerState.decode(TestingShop.PLAN, packed.summary(), packed.ledger(), packed.tail());
    TestingShop.fold(state, TestingShop.view("g", DAY_0 + 2, "shop", "toys"), DAY_0 + 7);

    assertThat(hex(state.update().tail())).isEqualTo(TAIL);
  }

  @Test
  void theSecondFormatIsStillRead() {
    HexFormat hex = HexFormat.of();
    CustomerState state =
        CustomerState.decode(
            TestingShop.PLAN, hex.parseHex(SUMMARY), hex.parseHex(SECOND_LEDGER), new byte[0]);

    assertThat(hex(state.encode().summary())).isEqualTo(SUMMARY);
    assertThat(hex(state.encode().ledger())).isEqualTo(LEDGER);
    // It has no room for a tail: the next write is one of the third format.
    TestingShop.fold(state, TestingShop.view("g", DAY_0, "shop"), DAY_0);
    assertThat(state.update().ledger()[0]).isEqualTo(Packed.LEDGER_FORMAT);
    assertThat(state.update().tail()).isEmpty();
  }

  @Test
  void theSecondFormatIsStillReadAfterAnotherCatalogHasCarriedItAlong() {
    HexFormat hex = HexFormat.of();
    FeaturePlan other = TestingShop.plan(TestingShop.YAML.replace("{recent: 64}", "{recent: 63}"));
    CustomerState carried =
        CustomerState.decode(
            other, hex.parseHex(SUMMARY), hex.parseHex(SECOND_LEDGER), new byte[0]);
    carried.fold(TestingShop.order(other, "g", DAY_0, 3), DAY_0);
    PackedState packed = carried.update();
    assertThat(packed.ledger()[0]).isEqualTo(Packed.LEDGER_FORMAT);

    CustomerState back =
        CustomerState.decode(TestingShop.PLAN, packed.summary(), packed.ledger(), packed.tail());

    CustomerState never = shopper();
    never.fold(TestingShop.order("g", DAY_0, 3), DAY_0);
    assertThat(hex(back.encode().summary())).isEqualTo(hex(never.encode().summary()));
    assertThat(hex(back.encode().ledger())).isEqualTo(hex(never.encode().ledger()));
    TestingShop.fold(back, TestingShop.view("h", DAY_0, "shop"), DAY_0);
    assertThat(back.update().tail()).isEmpty();
  }

  private static CustomerState shopper() {
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
    return state;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
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
