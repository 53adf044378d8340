package io.clientele.featurestore.store;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;

/**
 * The servers that a URI names.
 *
 * @param kind how they are run
 * @param tls whether they are talked to in TLS
 * @param addresses of the node, of sentinels, or of some nodes of a cluster
 * @param masterName what sentinels call the master; empty for other kinds
 * @param database 0 in a cluster
 * @param user null for the default user
 * @param password null where the URI has none
 */
record RedisServers(
    Kind kind,
    boolean tls,
    List<HostAndPort> addresses,
    String masterName,
    int database,
    @Nullable String user,
    @Nullable String password) {

  enum Kind {
    NODE,
    SENTINELS,
    CLUSTER
  }

  private static final Map<String, Kind> SCHEMES =
      Map.of(
          "redis", Kind.NODE,
          "rediss", Kind.NODE,
          "redis+sentinel", Kind.SENTINELS,
          "rediss+sentinel", Kind.SENTINELS,
          "redis+cluster", Kind.CLUSTER,
          "rediss+cluster", Kind.CLUSTER);
  private static final Pattern ADDRESS =
      Pattern.compile("(?<host>\\[[0-9a-fA-F:.]+]|[^:\\[\\]]+)(:(?<port>\\d{1,5}))?");
  private static final Pattern DATABASE = Pattern.compile("/?(?<name>)(?<db>\\d{0,9})");
  private static final Pattern NAME_AND_DATABASE =
      Pattern.compile("/(?<name>[^/]+)(/(?<db>\\d{0,9}))?");
  private static final Pattern NO_DATABASE = Pattern.compile("/?(?<name>)(?<db>0?)");
  private static final int MAX_PORT = 65_535;

  RedisServers {
    addresses = List.copyOf(addresses);
  }

  /** Reads {@link RedisSettings#EXPECTED_URI}; empty if it is something else. */
  static Optional<RedisServers> of(URI uri) {
    String scheme = String.valueOf(uri.getScheme());
    Kind kind = SCHEMES.get(scheme);
    String authority = uri.getAuthority();
    if (kind == null || authority == null || uri.getQuery() != null || uri.getFragment() != null) {
      return Optional.empty();
    }
    Matcher path = path(kind).matcher(uri.getPath());
    int at = authority.lastIndexOf('@');
    Optional<List<HostAndPort>> addresses = addresses(kind, authority.substring(at + 1));
    if (addresses.isEmpty() || !path.matches()) {
      return Optional.empty();
    }
    String[] login = authority.substring(0, Math.max(at, 0)).split(":", 2);
    String database = path.group("db");
    return Optional.of(
        new RedisServers(
            kind,
            scheme.startsWith("rediss"),
            addresses.get(),
            path.group("name"),
            database == null || database.isEmpty() ? 0 : Integer.parseInt(database),
            login[0].isEmpty() ? null : login[0],
            login.length > 1 ? login[1] : null));
  }

  private static Pattern path(Kind kind) {
    return switch (kind) {
      case NODE -> DATABASE;
      case SENTINELS -> NAME_AND_DATABASE;
      case CLUSTER -> NO_DATABASE;
    };
  }

  private static Optional<List<HostAndPort>> addresses(Kind kind, String hosts) {
    int defaultPort =
        kind == Kind.SENTINELS ? Protocol.DEFAULT_SENTINEL_PORT : Protocol.DEFAULT_PORT;
    var addresses = new ArrayList<HostAndPort>();
    for (String host : hosts.split(",", -1)) {
      Matcher address = ADDRESS.matcher(host);
      if (!address.matches()) {
        return Optional.empty();
      }
      String port = address.group("port");
      int number = port == null ? defaultPort : Integer.parseInt(port);
      if (number > MAX_PORT) {
        return Optional.empty();
      }
      addresses.add(new HostAndPort(address.group("host"), number));
    }
    return kind == Kind.NODE && addresses.size() > 1 ? Optional.empty() : Optional.of(addresses);
  }
}
