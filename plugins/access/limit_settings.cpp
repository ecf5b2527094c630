#include "limit_settings.h"

#include <algorithm>
#include <charconv>

#include "read_set.h"
#include "sdk/support/keyed_hash.h"

namespace turnpike::access {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kMost = 1'000'000;

uint64_t unitOf(std::string_view unit) {
    if (unit == "s") return kSecond;
    if (unit == "min") return 60 * kSecond;
    if (unit == "h") return 3600 * kSecond;
    return unit == "day" ? 86400 * kSecond : 0;
}

/// "10/s": one request every tenth of a second, and ten of them at once.
Limit readRate(std::string_view rate) {
    Limit limit;
    if (rate.empty()) return limit;
    const size_t slash = std::min(rate.find('/'), rate.size());
    const auto [end, error] = std::from_chars(rate.data(), rate.data() + slash, limit.burst);
    const uint64_t unit = unitOf(rate.substr(std::min(slash + 1, rate.size())));
    if (error != std::errc() || end != rate.data() + slash || unit == 0 || limit.burst == 0 || limit.burst > kMost)
        throw Refused("rate",
                      "\"" + std::string(rate) +
                          "\" is no rate: write \"10/s\", \"300/min\", \"1000/h\" or \"5000/day\", up to " +
                          std::to_string(kMost));
    limit.period_ns = unit / limit.burst;
    return limit;
}

uint64_t readNumber(const tp_host& host, const tp_setup& setup, const char* key, int64_t from, int64_t to) {
    const int64_t value = host.config_integer(&setup, key);
    if (value < from || value > to)
        throw Refused(key, "must be from " + std::to_string(from) + " to " + std::to_string(to));
    return static_cast<uint64_t>(value);
}

Limit readLimit(const tp_host& host, const tp_setup& setup) {
    Limit limit = readRate(text(host.config_string(&setup, "rate")));
    limit.at_once = static_cast<uint32_t>(readNumber(host, setup, "at_once", 0, LimitTable::kJournal));
    if (host.config_is_set(&setup, "burst") == 0) return limit;
    if (limit.period_ns == 0) throw Refused("burst", "says nothing without `rate`");
    limit.burst = readNumber(host, setup, "burst", 1, static_cast<int64_t>(kMost));
    return limit;
}

/// The same after a reload that changes nothing of it, so that nobody begins anew.
std::string nameOf(const tp_host& host, const tp_setup& setup) {
    std::string all;
    for (const char* key : {"rate", "limit_by"}) all.append(text(host.config_string(&setup, key))).append("\n");
    for (const char* key : {"burst", "at_once", "ipv4_bits", "ipv6_bits"})
        all.append(std::to_string(host.config_integer(&setup, key))).append("\n");
    const tp_str* items = nullptr;
    const size_t count = host.config_list(&setup, "paths", &items);
    for (size_t i = 0; i < count; ++i) all.append(text(items[i])).append("\n");
    return "access-limits-1-" + std::to_string(support::keyedHash({}, all));
}

}  // namespace

std::optional<LimitSettings> LimitSettings::read(const tp_host& host, tp_setup& setup) {
    const Limit limit = readLimit(host, setup);
    if (limit.period_ns == 0 && limit.at_once == 0) {
        for (const char* key : {"limit_by", "unlimited", "ipv4_bits", "ipv6_bits", "clients"})
            if (host.config_is_set(&setup, key) != 0)
                throw Refused(key, "says nothing without `rate` or `at_once`");
        return std::nullopt;
    }
    const auto bits = [&](const char* key, int64_t most) {
        return static_cast<unsigned>(readNumber(host, setup, key, 1, most));
    };
    LimitSettings settings{
        limit,
        LimitKey(text(host.config_string(&setup, "limit_by")), bits("ipv4_bits", 32), bits("ipv6_bits", 128)),
        readSet<support::Networks>(host, setup, "unlimited"),
        readNumber(host, setup, "clients", 512, 16 << 20),
        static_cast<const tp_shared_service*>(host.extension(TP_SHARED_ID)),
        nullptr};
    if (settings.service == nullptr)
        throw Refused("", "this host has no memory for all workers (" TP_SHARED_ID ")");
    const std::string name = nameOf(host, setup);
    tp_shared_spec spec{};
    spec.struct_size = sizeof spec;
    spec.locks = LimitTable::kLocks;
    spec.name = str(name);
    spec.size = LimitTable::sizeFor(settings.clients);
    settings.shared = settings.service->declare(&setup, &spec);
    if (settings.shared == nullptr) throw Refused("", "the limits have no memory");
    return settings;
}

}  // namespace turnpike::access
