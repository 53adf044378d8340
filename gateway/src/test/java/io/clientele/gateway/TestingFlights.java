package io.clientele.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A loader whose flights land when a test says so. A value is its key and its flight's number. */
final class TestingFlights implements Coalescer.Loader<String, String> {
  final List<Flight> all = new ArrayList<>();

  record Flight(
      int number, List<String> keys, long timeoutNs, CompletableFuture<List<String>> landing) {

    void land() {
      landing.complete(values());
    }

    List<String> values() {
      return keys.stream().map(key -> key + "@" + number).toList();
    }
  }

  @Override
  public CompletionStage<List<String>> load(List<String> keys, long timeoutNs) {
    Flight flight = new Flight(all.size(), List.copyOf(keys), timeoutNs, new CompletableFuture<>());
    all.add(flight);
    return flight.landing();
  }

  Flight flight(int number) {
    return all.get(number);
  }

  List<List<String>> keys() {
    return all.stream().map(Flight::keys).toList();
  }
}
