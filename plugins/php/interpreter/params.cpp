#include "params.h"

#include <cstring>
#include <optional>

namespace turnpike::php {
namespace {

constexpr std::string_view kRoleName = "FCGI_ROLE", kRole = "RESPONDER";

size_t bucket(std::string_view name) {
    auto byte = [&](size_t at) { return static_cast<size_t>(static_cast<unsigned char>(name[at])); };
    if (name.size() < 4) return name.size();
    return (name.size() + byte(3) * 4 + byte(name.size() - 2) * 16 + byte(name.size() - 1) * 4) % 128;
}

// FastCGI 1.0 section 3.4: one byte below 128, otherwise four with the highest bit set.
std::optional<size_t> takeLength(std::string_view& from) {
    if (from.empty()) return std::nullopt;
    size_t bytes = (from[0] & 0x80) != 0 ? 4 : 1, length = 0;
    if (from.size() < bytes) return std::nullopt;
    for (size_t i = 0; i < bytes; ++i) length = length << 8 | static_cast<unsigned char>(from[i]);
    from.remove_prefix(bytes);
    return bytes == 4 ? length & 0x7fffffff : length;
}

}  // namespace

void Params::clear() {
    entries_.clear();
    buckets_.fill(-1);
    used_ = 0;
}

const char* Params::load(std::string_view stream) {
    clear();
    // Each pair has two bytes of lengths at least: room for its two NULs.
    size_t needed = stream.size() + kRoleName.size() + kRole.size() + 2;
    if (text_.size() < needed) text_.resize(needed);
    const char* wrong = set(kRoleName, kRole);
    while (wrong == nullptr && !stream.empty()) {
        std::optional<size_t> name = takeLength(stream), value;
        if (name) value = takeLength(stream);
        if (!value) {
            wrong = "a length that is cut off";
        } else if (*name > stream.size() || *value > stream.size() - *name) {
            wrong = "a pair that is longer than the parameters";
        } else {
            wrong = set(stream.substr(0, *name), stream.substr(*name, *value));
            stream.remove_prefix(*name + *value);
        }
    }
    if (wrong != nullptr) clear();
    return wrong;
}

char* Params::find(std::string_view name) {
    Entry* entry = lookUp(name);
    return entry == nullptr ? nullptr : entry->value;
}

Params::Entry* Params::lookUp(std::string_view name) {
    for (int at = buckets_[bucket(name)]; at >= 0; at = entries_[static_cast<size_t>(at)].next)
        if (entries_[static_cast<size_t>(at)].name == name) return &entries_[static_cast<size_t>(at)];
    return nullptr;
}

char* Params::keep(std::string_view text) {
    char* at = text_.data() + used_;
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    at[text.size()] = '\0';
    used_ += text.size() + 1;
    return at;
}

const char* Params::set(std::string_view name, std::string_view value) {
    if (name.find('\0') != std::string_view::npos || value.find('\0') != std::string_view::npos)
        return "a parameter with a NUL byte";
    if (Entry* old = lookUp(name)) {
        old->value = keep(value);
        old->size = value.size();
        return nullptr;
    }
    if (entries_.size() == kMaxCount) return "too many parameters";
    std::string_view kept{keep(name), name.size()};
    int16_t& first = buckets_[bucket(name)];
    entries_.push_back({.name = kept, .value = keep(value), .size = value.size(), .next = first});
    first = static_cast<int16_t>(entries_.size() - 1);
    return nullptr;
}

}  // namespace turnpike::php
