package io.clientele.scorer.manifest;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * One JSON object, read strictly: a missing key, a wrong type and, at the {@link #end}, a key that
 * nobody asked for are each noted as a problem under the key's path. After a problem a reader gets
 * a placeholder and goes on, so that all problems are found in one pass. Not thread-safe.
 */
final class JsonFields {
  private static final int SHOWN_CHARACTERS = 60;

  private final JsonNode object;
  private final String path;
  private final List<String> problems;
  private final Set<String> known = new HashSet<>();

  /**
   * @param path of the object within the file; empty for the file's own object
   * @param problems where problems are noted
   */
  JsonFields(JsonNode object, String path, List<String> problems) {
    this.object = object;
    this.path = path;
    this.problems = problems;
    if (!object.isObject()) {
      problem(path.isEmpty() ? "manifest" : path, object, "an object");
    }
  }

  boolean has(String key) {
    return object.has(key);
  }

  /** A text that is not blank. */
  String text(String key) {
    JsonNode value = value(key, "a text");
    if (value.isString() && !value.stringValue().isBlank()) {
      return value.stringValue();
    }
    wrong(key, value, "a text that is not empty");
    return "";
  }

  /** A text of this form. */
  String text(String key, Pattern form, String expected) {
    JsonNode value = value(key, expected);
    if (value.isString() && form.matcher(value.stringValue()).matches()) {
      return value.stringValue();
    }
    wrong(key, value, expected);
    return "";
  }

  int integer(String key, int min, int max) {
    JsonNode value = value(key, "a whole number");
    if (value.isInt() && value.intValue() >= min && value.intValue() <= max) {
      return value.intValue();
    }
    wrong(key, value, "a whole number, " + min + ".." + max);
    return min;
  }

  /** A number that is finite as float32. */
  float number(String key) {
    JsonNode value = value(key, "a number");
    if (isFinite(value)) {
      return value.floatValue();
    }
    wrong(key, value, "a number that float32 holds");
    return 0;
  }

  double number(String key, double min, double max) {
    JsonNode value = value(key, "a number");
    if (value.isNumber() && value.doubleValue() >= min && value.doubleValue() <= max) {
      return value.doubleValue();
    }
    wrong(key, value, "a number, " + min + ".." + max);
    return min;
  }

  /** Numbers that are finite as float32. */
  List<Double> numbers(String key) {
    return list(
        key,
        "numbers",
        (at, value) -> {
          if (isFinite(value)) {
            return value.doubleValue();
          }
          problem(at, value, "a number that float32 holds");
          return 0.0;
        });
  }

  List<Long> counts(String key) {
    return list(
        key,
        "whole numbers",
        (at, value) -> {
          if (value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0) {
            return value.longValue();
          }
          problem(at, value, "a whole number, 0 or more");
          return 0L;
        });
  }

  List<String> texts(String key) {
    return list(
        key,
        "texts",
        (at, value) -> {
          if (value.isString() && !value.stringValue().isBlank()) {
            return value.stringValue();
          }
          problem(at, value, "a text that is not empty");
          return "";
        });
  }

  /** Rows of numbers that are finite as float32, each of this width. */
  List<float[]> rows(String key, int width) {
    return list(
        key,
        "rows of numbers",
        (at, value) -> {
          float[] row = new float[width];
          if (!value.isArray() || value.size() != width) {
            problem(at, value, width + " numbers");
            return row;
          }
          for (int i = 0; i < width; i++) {
            if (isFinite(value.get(i))) {
              row[i] = value.get(i).floatValue();
            } else {
              problem(at + "[" + i + "]", value.get(i), "a number that float32 holds");
            }
          }
          return row;
        });
  }

  /** The object under a key, read by {@code read} and then ended. */
  <T> T object(String key, Function<JsonFields, T> read) {
    JsonFields fields = new JsonFields(value(key, "an object"), at(key), problems);
    T result = read.apply(fields);
    fields.end();
    return result;
  }

  /** The objects under a key, each read by {@code read} and then ended. */
  <T> List<T> objects(String key, Function<JsonFields, T> read) {
    return list(
        key,
        "objects",
        (at, value) -> {
          JsonFields fields = new JsonFields(value, at, problems);
          T result = read.apply(fields);
          fields.end();
          return result;
        });
  }

  /** An object whose content is free. */
  void free(String key) {
    JsonNode value = value(key, "an object");
    if (!value.isObject()) {
      wrong(key, value, "an object");
    }
  }

  /** Notes that what stands under a key is not what it should be. */
  void wrong(String key, Object actual, String expected) {
    if (actual instanceof JsonNode node && node.isMissingNode()) {
      return; // noted when it was asked for
    }
    problem(at(key), actual, expected);
  }

  /** Notes each key that nobody asked for. */
  void end() {
    if (!object.isObject()) {
      return;
    }
    for (String key : object.propertyNames()) {
      if (!known.contains(key)) {
        problems.add(at(key) + ": unknown key");
      }
    }
  }

  private <T> List<T> list(String key, String items, Element<T> read) {
    JsonNode value = value(key, "a list of " + items);
    List<T> result = new ArrayList<>();
    if (!value.isArray()) {
      wrong(key, value, "a list of " + items);
      return result;
    }
    for (int i = 0; i < value.size(); i++) {
      result.add(read.at(at(key) + "[" + i + "]", value.get(i)));
    }
    return result;
  }

  private JsonNode value(String key, String expected) {
    known.add(key);
    JsonNode value = object.path(key);
    if (value.isMissingNode() && object.isObject()) {
      problems.add(at(key) + ": missing (expected: " + expected + ")");
    }
    return value;
  }

  private String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private void problem(String at, Object actual, String expected) {
    if (actual instanceof JsonNode node && node.isMissingNode()) {
      return;
    }
    String shown = actual.toString();
    if (shown.length() > SHOWN_CHARACTERS) {
      shown = shown.substring(0, SHOWN_CHARACTERS) + "…";
    }
    problems.add(at + ": " + shown + " (expected: " + expected + ")");
  }

  private static boolean isFinite(JsonNode value) {
    return value.isNumber() && Float.isFinite((float) value.doubleValue());
  }

  @FunctionalInterface
  private interface Element<T> {
    T at(String path, JsonNode value);
  }
}
