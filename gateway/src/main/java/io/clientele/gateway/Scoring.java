package io.clientele.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import io.clientele.gateway.Answer.Own;
import io.clientele.gateway.Answer.Population;
import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.gateway.v1.Provenance;
import io.clientele.grpc.DeadlineException;
import io.clientele.grpc.ErrorPolicy;
import io.clientele.grpc.OverloadedException;
import io.grpc.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Answers what is known of a customer: from the cache where that is fresh enough, else from a load,
 * and where a dependency is away with the last known score or the population's.
 *
 * <p>A caller's {@code max_age} says when to compute anew, and may be shorter or longer than the
 * gateway's own; the cache's retention bounds it. It does not bound how old a STALE answer may be:
 * the retention does that, and the answer's age tells. {@code min_feature_version} bounds every
 * cached score, STALE ones too.
 *
 * <p>Thread-safe; never blocks.
 */
final class Scoring {
  private final ScoreCache cache;
  private final Coalescer<String, Loaded> loads;
  private final long longestLoadNs;
  private final Ticker ticker;

  /**
   * @param longestLoad a load that has left ends within this time
   */
  Scoring(ScoreCache cache, Coalescer<String, Loaded> loads, Duration longestLoad, Ticker ticker) {
    this.cache = cache;
    this.loads = loads;
    this.longestLoadNs = longestLoad.toNanos();
    this.ticker = ticker;
  }

  /**
   * Answers for customers, for each once; their loads leave together.
   *
   * @param customers an id that is none fails, alone
   * @param models what is known of models now
   * @param context the call that asks
   * @param receiver hears of each at the customer's place
   */
  void score(
      List<String> customers,
      ScoreQuery query,
      Models models,
      Context context,
      Receiver<Answer> receiver) {
    List<String> missed = new ArrayList<>(customers.size());
    int[] places = new int[customers.size()];
    for (int i = 0; i < places.length; i++) {
      String customer = customers.get(i);
      if (!ScoreQuery.isId(customer)) {
        receiver.failed(i, ScoreQuery.badId("customer_ids[" + i + "]", customer));
        continue;
      }
      Answer cached = fromCache(customer, query, models);
      if (cached != null) {
        receiver.received(i, cached);
      } else {
        places[missed.size()] = i;
        missed.add(customer);
      }
    }
    if (missed.isEmpty()) {
      return;
    }
    loads.load(
        missed,
        context,
        wantsFresh(query, missed),
        new Receiver<>() {
          @Override
          public void received(int index, Loaded loaded) {
            receiver.received(places[index], answer(missed.get(index), query, models, loaded));
          }

          @Override
          public void failed(int index, Throwable failure) {
            if (isOwn(failure)) {
              receiver.failed(places[index], failure);
            } else {
              receiver.received(places[index], without(missed.get(index), query, models, failure));
            }
          }
        });
  }

  /** A load that has left may have read before the write that the caller wants to see. */
  private boolean wantsFresh(ScoreQuery query, List<String> customers) {
    if (query.maxAgeNs() == 0 || query.minFeatureVersion() > 0) {
      return true;
    }
    for (String customer : customers) {
      if (cache.changedWithin(customer, longestLoadNs)) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Answer fromCache(String customer, ScoreQuery query, Models models) {
    if (query.maxAgeNs() == 0) {
      return null;
    }
    long nowNs = ticker.read();
    Scored scored = cache.get(customer, nowNs);
    if (scored == null
        || scored.outdated()
        || scored.models() != models
        || scored.featureVersion() < query.minFeatureVersion()) {
      return null;
    }
    long ageNs = nowNs - scored.readNs();
    long maxAgeNs =
        query.maxAgeNs() == ScoreQuery.GATEWAYS_OWN ? cache.maxAgeNs(scored) : query.maxAgeNs();
    if (ageNs >= maxAgeNs) {
      return null;
    }
    return scored.known() ? new Own(scored, Provenance.CACHED, ageNs) : unknown(scored);
  }

  private Answer answer(String customer, ScoreQuery query, Models models, Loaded loaded) {
    return switch (loaded) {
      case Scored scored ->
          scored.known() ? new Own(scored, provenance(scored, query), 0) : unknown(scored);
      case Unscored unscored ->
          lastKnown(
              customer,
              query,
              new Population(
                  models,
                  unscored.customer(),
                  unscored.featureVersion(),
                  unscored.asOf(),
                  ErrorPolicy.toRpcStatus(unscored.reason())));
    };
  }

  /** Fresh, but for what the caller has written and Redis has lost. */
  private static Provenance provenance(Scored loaded, ScoreQuery query) {
    return loaded.featureVersion() < query.minFeatureVersion()
        ? Provenance.STALE
        : Provenance.COMPUTED;
  }

  /** Answers without a load. */
  private Answer without(String customer, ScoreQuery query, Models models, Throwable failure) {
    return lastKnown(
        customer,
        query,
        new Population(
            models, CustomerStatus.UNDETERMINED, 0, null, ErrorPolicy.toRpcStatus(failure)));
  }

  /** Whether it is this call that failed, and not what it needs. */
  private static boolean isOwn(Throwable failure) {
    return failure instanceof OverloadedException
        || failure instanceof DeadlineException
        || failure instanceof CancellationException;
  }

  private Answer lastKnown(String customer, ScoreQuery query, Population otherwise) {
    long nowNs = ticker.read();
    Scored last = cache.get(customer, nowNs);
    return last != null && last.known() && last.featureVersion() >= query.minFeatureVersion()
        ? new Own(last, Provenance.STALE, nowNs - last.readNs())
        : otherwise;
  }

  private static Answer unknown(Scored scored) {
    return new Population(scored.models(), CustomerStatus.UNKNOWN, 0, scored.asOf(), null);
  }
}
