package io.clientele.featurestore.catalog;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What values a field of a group takes. */
public sealed interface FieldType {
  /** A finite number. */
  record Numeric() implements FieldType {
    @Override
    public String key() {
      return NUMBER;
    }

    @Override
    public int size() {
      return 1;
    }

    @Override
    public String canonical() {
      return NUMBER;
    }
  }

  /**
   * One word of a vocabulary; the feature's value is its place, from 0.
   *
   * @param vocabulary 1 to 1,024 different words of 1 to 128 bytes of UTF-8
   */
  record Label(List<String> vocabulary) implements FieldType {
    static final int MAX_WORDS = 1_024;
    static final int MAX_WORD_BYTES = 128;

    public Label {
      vocabulary = List.copyOf(vocabulary);
    }

    /** The place of each word. */
    public Map<String, Integer> places() {
      Map<String, Integer> places = HashMap.newHashMap(vocabulary.size());
      for (int place = 0; place < vocabulary.size(); place++) {
        places.put(vocabulary.get(place), place);
      }
      return Map.copyOf(places);
    }

    @Override
    public String key() {
      return LABEL;
    }

    @Override
    public int size() {
      return 1;
    }

    /** Each word with its length, so that no two vocabularies read the same. */
    @Override
    public String canonical() {
      var text = new StringBuilder(LABEL);
      vocabulary.forEach(word -> text.append(' ').append(word.length()).append(':').append(word));
      return text.toString();
    }
  }

  /**
   * Finite numbers, always as many, each a feature of its own.
   *
   * @param size at least 1
   */
  record Embedding(int size) implements FieldType {
    @Override
    public String key() {
      return EMBEDDING;
    }

    @Override
    public String canonical() {
      return EMBEDDING + " " + size;
    }
  }

  String NUMBER = "number";
  String LABEL = "label";
  String EMBEDDING = "embedding";

  /** Its name in a catalog. */
  String key();

  /** How many features a field of this type is. */
  int size();

  /** It and all that its values mean, as a text that fingerprints are taken of. */
  String canonical();
}
