#include "sdk/fastcgi/keys.h"

namespace turnpike::fastcgi {

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

gateway::Pairs KeyReader::map(const char* key) const {
    const tp_field* items = nullptr;
    size_t count = host_.config_map(&setup_, key, &items);
    gateway::Pairs to;
    for (size_t i = 0; i < count; ++i) to.emplace_back(text(items[i].name), text(items[i].value));
    return to;
}

std::vector<std::string> KeyReader::phpIndex() const {
    const tp_str* names = nullptr;
    size_t count = host_.site_index(&setup_, &names);
    std::vector<std::string> index;
    for (size_t i = 0; i < count; ++i)
        if (text(names[i]).ends_with(".php")) index.emplace_back(text(names[i]));
    return index;
}

BackendLimits KeyReader::limits(const char* processes) const {
    return {gateway::readLimits(host_, &setup_, processes),
            gateway::readNumber(host_, &setup_, key::kCgroupMemory.name),
            gateway::readNumber(host_, &setup_, key::kCgroupProcesses.name)};
}

void KeyReader::rules(Rules& to) const {
    to.queue = integer("queue", 0, 1'000'000);
    to.queue_ms = duration("queue_timeout");
    to.outage_ms = duration("outage");
    to.first_byte_ms = duration("timeout");
    to.gap_ms = duration("gap_timeout");
    to.stream_body = isTrue("stream_body");
    to.params = map("params");
    to.pass_authorization = isTrue("pass_authorization");
    to.index = phpIndex();
}

std::string plainName(std::string_view text) {
    std::string name(text.empty() ? "site" : text);
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    for (char& c : name)
        if (kPlain.find(c) == std::string_view::npos) c = '_';
    return name;
}

}  // namespace turnpike::fastcgi
