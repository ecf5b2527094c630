// The keys of [limits].
#include "config/store.h"

namespace turnpike::config {
namespace {

constexpr int64_t kKiB = 1 << 10, kMiB = 1 << 20, kGiB = 1 << 30, kTiB = kGiB << 10;
constexpr int64_t kSecond = 1000, kDay = 86'400 * kSecond;
constexpr Rule kTime{1, kDay};

constexpr Key<Limits> kLimitKeys[] = {
    {{"request_line", TP_KEY_SIZE, 0, "8KiB", "The longest request line; a longer one gets 414."},
     {64, kMiB},
     number<&Limits::request_line>},
    {{"field", TP_KEY_SIZE, 0, "16KiB", "The longest request field, name and value; a longer one gets 431."},
     {64, kMiB},
     number<&Limits::field>},
    {{"fields_total", TP_KEY_SIZE, 0, "32KiB", "All request fields together; more gets 431."},
     {64, 16 * kMiB},
     number<&Limits::fields_total>},
    {{"fields", TP_KEY_INTEGER, 0, "100", "How many request fields there may be; more gets 431."},
     {1, 10'000},
     number<&Limits::fields>},
    {{"handshake", TP_KEY_DURATION, 0, "10s",
      "How long a client may take for its TLS handshake before it is cut off."},
     kTime,
     number<&Limits::handshake_ms>},
    {{"header", TP_KEY_DURATION, 0, "10s",
      "How long a client may take for a whole request head, however steadily it sends; then 408."},
     kTime,
     number<&Limits::header_ms>},
    {{"body_gap", TP_KEY_DURATION, 0, "10s", "The longest pause inside a request body; then 408."},
     kTime,
     number<&Limits::body_gap_ms>},
    {{"body_rate", TP_KEY_SIZE, 0, "500B",
      "How much of a request body must come each second, on average, once the client was waited for as long as "
      "`body_gap`; otherwise 408. 0: any rate will do."},
     {0, kGiB},
     number<&Limits::body_rate>},
    {{"keepalive", TP_KEY_DURATION, 0, "15s",
      "How long a connection may wait for its next request; less when nearly all connections are in use."},
     kTime,
     number<&Limits::keepalive_ms>},
    {{"write", TP_KEY_DURATION, 0, "30s", "How long a client may take nothing of an answer before it is cut off."},
     kTime,
     number<&Limits::write_ms>},
    {{"write_rate", TP_KEY_SIZE, 0, "1KiB",
      "How much of an answer a client must take each second, on average, once it has kept its answer waiting "
      "twice "
      "as long as `write`; otherwise it is cut off. 0: any rate will do."},
     {0, kGiB},
     number<&Limits::write_rate>},
    {{"linger", TP_KEY_DURATION, 0, "2s",
      "How long the rest of what a client sends is read after an answer: so that the last one is not lost, and so "
      "that the connection goes on behind a body that nobody reads (256 KiB at most)."},
     kTime,
     number<&Limits::linger_ms>},
    {{"drain", TP_KEY_DURATION, 0, "30s",
      "How long requests may still run after a stop or reload was asked for; then they are cut off."},
     {1, kDay},
     number<&Limits::drain_ms>},
    {{"requests_per_connection", TP_KEY_INTEGER, 0, "100000",
      "After so many requests a connection is closed, whose client may come to another worker then. Few of them "
      "cost "
      "clients that speak TLS a handshake each time."},
     {1, 1'000'000'000},
     number<&Limits::requests_per_connection>},
    {{"streams", TP_KEY_INTEGER, 0, "100",
      "How many requests an HTTP/2 connection may have under way at once, those that still run after their client "
      "gave them up included; more are refused."},
     {1, 10'000},
     number<&Limits::streams>},
    {{"connection_age", TP_KEY_DURATION, 0, "1h",
      "How long an HTTP/2 connection takes new requests; those under way are answered, and the client opens "
      "another "
      "connection."},
     kTime,
     number<&Limits::connection_age_ms>},
    {{"connections", TP_KEY_INTEGER, 0, "4096", "How many connections one worker holds at once."},
     {8, 1'000'000},
     number<&Limits::connections>},
    {{"connections_per_address", TP_KEY_INTEGER, 0, "100",
      "How many of a worker's connections one client may hold, told by its IPv4 address or the first 64 bits of "
      "its IPv6 address; 0: as many as there are. One more takes the place of its oldest connection that has no "
      "request under way, and is refused when there is none."},
     {0, 1'000'000},
     number<&Limits::connections_per_address>},
    {{"body_memory", TP_KEY_SIZE, 0, "64KiB",
      "A request body that is taken in whole goes to a file in `server.spool_folder` when it is larger."},
     {0, 64 * kMiB},
     number<&Limits::body_memory>},
    {{"spool_total", TP_KEY_SIZE, 0, "1GiB",
      "How much of the spool folder one worker may use; a body that does not fit gets 507."},
     {0, 1024 * kTiB},
     number<&Limits::spool_total>},
    {{"spool_per_address", TP_KEY_SIZE, 0, "256MiB",
      "How much of that one client may use, told as in `connections_per_address`; a body that does not fit gets "
      "507."},
     {0, 1024 * kTiB},
     number<&Limits::spool_per_address>},
    {{"spool_free_per_mille", TP_KEY_INTEGER, 0, "50",
      "How much of the spool folder's disk must stay free, in thousandths; a body that would take it gets 507."},
     {0, 1000},
     number<&Limits::spool_free_per_mille>},
    {{"request_memory", TP_KEY_SIZE, 0, "1MiB", "What the core and its plugins may allocate for one request."},
     {64 * kKiB, kGiB},
     number<&Limits::request_memory>},
    {{"pool_threads", TP_KEY_INTEGER, 0, "4", "Threads of one worker for the work of plugins that blocks."},
     {1, 256},
     number<&Limits::pool_threads>},
    {{"pool_queue", TP_KEY_INTEGER, 0, "512", "How much such work may wait for a thread; more gets 503."},
     {1, 1'000'000},
     number<&Limits::pool_queue>},
    {{"background", TP_KEY_INTEGER, 0, "64",
      "How many requests one worker makes at once for plugins that no client waits for, as a cache does to renew "
      "what "
      "it has sent stale; past it such work is done while a client waits. 0: none."},
     {0, 1'000'000},
     number<&Limits::background>},
    {{"background_per_site", TP_KEY_INTEGER, 0, "16", "How many of them may be one site's."},
     {0, 1'000'000},
     number<&Limits::background_per_site>},
};

}  // namespace

std::span<const Key<Limits>> limitKeys() { return kLimitKeys; }

}  // namespace turnpike::config
