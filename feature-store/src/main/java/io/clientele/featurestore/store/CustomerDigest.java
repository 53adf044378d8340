package io.clientele.featurestore.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** Stands for a customer where the id must not: the first 16 bytes of the SHA-256 of its UTF-8. */
public final class CustomerDigest {
  private static final int BYTES = 16;

  private CustomerDigest() {}

  public static byte[] of(byte[] customer) {
    try {
      return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(customer), BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
