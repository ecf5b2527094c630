#include "settings.h"

#include <algorithm>
#include <span>
#include <string>

namespace turnpike::compress {
namespace {

std::span<const tp_str> list(const tp_host& host, const tp_setup& setup, const char* key) {
    const tp_str* items = nullptr;
    const size_t count = host.config_list(&setup, key, &items);
    if (count == 0) throw Refused(key, "must name at least one; to compress nothing, remove the hook");
    return {items, count};
}

Coding codingOf(std::string_view name) {
    for (const Coding coding : {Coding::Gzip, Coding::Brotli, Coding::Zstd})
        if (support::codingName(coding) == name) return coding;
    throw Refused("codings", "\"" + std::string(name) + "\" is none of \"br\", \"zstd\" and \"gzip\"");
}

std::vector<Coding> codings(const tp_host& host, const tp_setup& setup) {
    std::vector<Coding> all;
    for (const tp_str& name : list(host, setup, "codings")) {
        const Coding coding = codingOf(text(name));
        if (std::ranges::count(all, coding) != 0)
            throw Refused("codings", "\"" + std::string(text(name)) + "\" is named twice");
        all.push_back(coding);
    }
    return all;
}

Types types(const tp_host& host, const tp_setup& setup) {
    Types all;
    for (const tp_str& pattern : list(host, setup, "types"))
        if (!all.add(text(pattern)))
            throw Refused("types", "\"" + std::string(text(pattern)) +
                                       "\" is no media type, write text/html, text/* or application/*+json");
    return all;
}

int number(const tp_host& host, const tp_setup& setup, const char* key, int from, int to) {
    const int64_t value = host.config_integer(&setup, key);
    if (value < from || value > to)
        throw Refused(key, "must be from " + std::to_string(from) + " to " + std::to_string(to));
    return static_cast<int>(value);
}

uint64_t size(const tp_host& host, const tp_setup& setup, const char* key) {
    return static_cast<uint64_t>(host.config_integer(&setup, key));
}

}  // namespace

Settings::Settings(const tp_host& host, const tp_setup& setup)
    : codings(compress::codings(host, setup)),
      types(compress::types(host, setup)),
      min_size(size(host, setup, "min_size")),
      max_size(size(host, setup, "max_size")),
      gzip_level(number(host, setup, "gzip_level", 1, 9)),
      brotli_level(number(host, setup, "brotli_level", 0, 6)),
      zstd_level(number(host, setup, "zstd_level", 1, 9)),
      at_once(static_cast<size_t>(number(host, setup, "at_once", 1, 65536))),
      busy_percent(static_cast<unsigned>(number(host, setup, "busy", 1, 100))),
      breach_safe(host.config_integer(&setup, "breach_safe") != 0) {
    if (max_size < min_size) throw Refused("max_size", "must not be below min_size");
}

}  // namespace turnpike::compress
