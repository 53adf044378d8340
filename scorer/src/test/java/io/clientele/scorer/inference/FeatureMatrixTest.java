package io.clientele.scorer.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.clientele.grpc.InvalidRequestException;
import io.clientele.scorer.TestingRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FeatureMatrixTest {
  private static final List<String> COLUMNS = List.of("a", "b", "c");

  @Test
  void readsValuesRowByRow() {
    FeatureMatrix matrix =
        FeatureMatrix.of(
            2,
            COLUMNS,
            TestingRequest.bytes(new float[] {1, 2, 3}, new float[] {4, 5, -6.5f}),
            ByteString.EMPTY);
    assertThat(matrix.value(1, 2)).isEqualTo(-6.5f);
    assertThat(matrix.isPresent(1, 2)).isTrue();
  }

  @Test
  void readsPresenceFromTheLowestBit() {
    FeatureMatrix matrix =
        FeatureMatrix.of(
            2,
            COLUMNS,
            TestingRequest.bytes(new float[] {1, 2, 3}, new float[] {4, 5, 6}),
            ByteString.copyFrom(new byte[] {0b001, 0b110}));
    assertThat(matrix.isPresent(0, 0)).isTrue();
    assertThat(matrix.isPresent(0, 1)).isFalse();
    assertThat(matrix.isPresent(1, 0)).isFalse();
    assertThat(matrix.isPresent(1, 2)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void namesThePlaceOfAValueThatIsNotFinite(float value) {
    ByteString values = TestingRequest.bytes(new float[] {1, 2, 3}, new float[] {4, value, 6});
    assertThatThrownBy(() -> FeatureMatrix.of(2, COLUMNS, values, ByteString.EMPTY))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("row 1, column b: " + value + " (expected: a finite number)");
  }

  @Test
  void doesNotLookAtWhatIsNotPresent() {
    ByteString values = TestingRequest.bytes(new float[] {1, Float.NaN, 3});
    FeatureMatrix matrix =
        FeatureMatrix.of(1, COLUMNS, values, ByteString.copyFrom(new byte[] {0b101}));
    assertThat(matrix.isPresent(0, 1)).isFalse();
  }

  @Test
  void givesTheSizeThatItExpects() {
    ByteString values = TestingRequest.bytes(new float[] {1, 2, 3});
    assertThatThrownBy(() -> FeatureMatrix.of(2, COLUMNS, values, ByteString.EMPTY))
        .hasMessageContaining("size: 12 bytes (expected: 24 for 2 rows of 3 columns)");
    assertThatThrownBy(() -> FeatureMatrix.of(1, COLUMNS, values, ByteString.copyFrom(new byte[2])))
        .hasMessageContaining("size: 2 bytes (expected: 1 for 1 rows of 3 columns)");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1025, Integer.MAX_VALUE})
  void takesOneToManyRows(int rows) {
    assertThatThrownBy(() -> FeatureMatrix.of(rows, COLUMNS, ByteString.EMPTY, ByteString.EMPTY))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining(rows + " (expected: 1..1024)");
  }
}
