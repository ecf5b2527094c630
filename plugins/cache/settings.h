// settings.h - what the config says about one instance of the plugin. Never changed after configure().
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "cookies.h"
#include "freshness.h"
#include "sdk/plugin.hpp"
#include "sdk/services.h"

namespace turnpike::cache {

/// The keys, as the loader, `turnpike explain` and the manual see them.
inline constexpr tp_key kKeys[] = {
    {"memory", TP_KEY_SIZE, 0, "64MiB",
     "How much memory the stored answers may take, for all workers together; each site has its own."},
    {"max_object", TP_KEY_SIZE, 0, "1MiB",
     "Larger answers are not kept in memory: they go to disk, or are not stored. At most a thirty-second part of "
     "`memory`."},
    {"disk", TP_KEY_SIZE, 0, "0",
     "How much of the disk larger answers may take, in an unnamed file in [server] spool_folder whose space is "
     "taken "
     "at "
     "the start; 0: none."},
    {"disk_object", TP_KEY_SIZE, 0, "16MiB",
     "Answers that are larger than this are never stored. At most a thirty-second part of `disk`."},
    {"default_ttl", TP_KEY_DURATION, 0, "0s",
     "How long an answer without an error is fresh that says nothing of it, by Cache-Control or Expires; 0: such "
     "answers are not stored."},
    {"stale_while_revalidate", TP_KEY_DURATION, 0, "0s",
     "How long past its time an answer is sent while one request brings a new one, where the answer says nothing "
     "of "
     "it."},
    {"stale_if_error", TP_KEY_DURATION, 0, "10m",
     "How long past its time an answer is sent in place of a 500, 502, 503 or 504, where the answer says nothing "
     "of "
     "it."},
    {"lock_wait", TP_KEY_DURATION, 0, "5s",
     "How long requests wait for the one that brings the answer to the same; then they are answered without the "
     "cache. "
     "0: they do not wait."},
    {"request_control", TP_KEY_BOOLEAN, 0, "true",
     "Obey Cache-Control of requests (RFC 9111 section 5.2.1): whoever reloads a page gets a new one. false: "
     "visitors "
     "do "
     "not decide what the site's scripts are asked for."},
    {"preset", TP_KEY_STRING, 0, nullptr,
     "\"wordpress\" or \"mediawiki\": the cookies and paths of that application, where the keys below are not "
     "set."},
    {"personal_cookies", TP_KEY_LIST, 0, "[]",
     "Requests with one of them are answered without the cache. One * in each may stand for anything."},
    {"harmless_cookies", TP_KEY_LIST, 0, "[]",
     "Cookies that change no answer; requests with any other one are answered without the cache. \"*\": all that "
     "are "
     "not personal."},
    {"skip_paths", TP_KEY_LIST, 0, "[]",
     "Requests whose path begins with one of them are answered without the cache."},
    {"purge_token", TP_KEY_STRING, 0, nullptr,
     "Lets whoever knows it purge this site at [server] purge_socket, at least 16 characters; empty: only the "
     "server's "
     "own user may, at the control socket."},
};

struct Settings {
    /// Throws Refused.
    Settings(const tp_host& host, const tp_setup& setup);

    uint64_t memory, max_object, disk, disk_object;
    Defaults defaults;
    uint64_t lock_wait_ms;
    bool request_control;
    Cookies cookies;
    std::vector<std::string> skip_paths;
    std::string purge_token;
};

}  // namespace turnpike::cache
