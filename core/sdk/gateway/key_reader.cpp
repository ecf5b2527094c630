#include "sdk/gateway/key_reader.h"

namespace turnpike::gateway {

uint64_t KeyReader::integer(const char* key, int64_t least, int64_t most) const {
    int64_t value = host_.config_integer(&setup_, key);
    if (value < least || value > most)
        throw Refused(key, "must be from " + std::to_string(least) + " to " + std::to_string(most));
    return static_cast<uint64_t>(value);
}

uint64_t KeyReader::duration(const char* key) const {
    constexpr int64_t kDay = 86'400'000;
    int64_t value = host_.config_integer(&setup_, key);
    if (value < 1 || value > kDay) throw Refused(key, "must be from 1ms to 24h");
    return static_cast<uint64_t>(value);
}

std::vector<std::string> KeyReader::list(const char* key) const {
    const tp_str* items = nullptr;
    size_t count = host_.config_list(&setup_, key, &items);
    std::vector<std::string> to;
    for (size_t i = 0; i < count; ++i) to.emplace_back(text(items[i]));
    return to;
}

Pairs KeyReader::map(const char* key) const {
    const tp_field* items = nullptr;
    size_t count = host_.config_map(&setup_, key, &items);
    Pairs to;
    for (size_t i = 0; i < count; ++i) to.emplace_back(text(items[i].name), text(items[i].value));
    return to;
}

void KeyReader::waiting(PoolRules& to) const {
    to.queue = integer("queue", 0, 1'000'000);
    to.queue_ms = duration("queue_timeout");
    to.outage_ms = duration("outage");
    to.first_byte_ms = duration("timeout");
    to.gap_ms = duration("gap_timeout");
}

void KeyReader::connecting(PoolRules& to) const {
    to.keep = isTrue("keep");
    to.connect_ms = duration("connect_timeout");
    to.max_fails = integer("max_fails", 1, 1000);
    to.fail_window_ms = duration("fail_window");
    to.fail_pause_ms = duration("fail_pause");
}

std::string plainName(std::string_view text) {
    std::string name(text.empty() ? "site" : text);
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    for (char& c : name)
        if (kPlain.find(c) == std::string_view::npos) c = '_';
    return name;
}

}  // namespace turnpike::gateway
