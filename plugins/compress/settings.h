// settings.h - what the config says about one instance of the plugin. Never changed after configure().
#pragma once
#include <cstdint>
#include <vector>

#include "sdk/plugin.hpp"
#include "sdk/support/accept_encoding.h"
#include "types.h"

namespace turnpike::compress {

using support::Coding;

/// The keys, as the loader, `turnpike explain` and the manual see them.
inline constexpr tp_key kKeys[] = {
    {"codings", TP_KEY_LIST, 0, "[\"br\", \"zstd\", \"gzip\"]",
     "Codings that are offered. The client's weights decide; among equals the earlier one is taken."},
    {"types", TP_KEY_LIST, 0,
     "[\"text/*\", \"application/javascript\", \"application/json\", \"application/*+json\", \"application/xml\", "
     "\"application/*+xml\", \"application/wasm\", \"image/svg+xml\", \"font/ttf\", \"font/otf\"]",
     "Media types that are compressed. One * in each may stand for anything."},
    {"min_size", TP_KEY_SIZE, 0, "1KiB",
     "Bodies that are known to be smaller leave as they are: they fit into one packet anyway."},
    {"max_size", TP_KEY_SIZE, 0, "2MiB",
     "Bodies that are known to be larger leave as they are: compressing one would take that much of the worker's "
     "time from others. For large files there is `precompressed` of the plugin static."},
    {"gzip_level", TP_KEY_INTEGER, 0, "5", "From 1 (fast) to 9 (small)."},
    {"brotli_level", TP_KEY_INTEGER, 0, "4",
     "From 0 (fast) to 6 (small). The levels above take up to 34 MiB for each answer: they are for compressing "
     "beforehand."},
    {"zstd_level", TP_KEY_INTEGER, 0, "3", "From 1 (fast) to 9 (small)."},
    {"at_once", TP_KEY_INTEGER, 0, "64",
     "Answers that are compressed at the same time, in each worker and for each use of the plugin. Each takes up "
     "to "
     "about 2 MiB; further ones leave as they are."},
    {"busy", TP_KEY_INTEGER, 0, "50",
     "Percent of a worker's time that may go into compressing. Once a second has used them up, answers that begin "
     "in "
     "its rest leave as they are. 100: no limit."},
    {"breach_safe", TP_KEY_BOOLEAN, 0, "true",
     "Do not compress what an attacker could guess secrets of by its size: answers to requests with Cookie or "
     "Authorization and answers with Set-Cookie, unless their Cache-Control says public."},
};

struct Settings {
    /// Throws Refused.
    Settings(const tp_host& host, const tp_setup& setup);

    std::vector<Coding> codings;  // the server's preference
    Types types;
    uint64_t min_size, max_size;
    int gzip_level, brotli_level, zstd_level;
    size_t at_once;
    unsigned busy_percent;
    bool breach_safe;
};

}  // namespace turnpike::compress
