#include "limit_key.h"

#include <algorithm>

#include "sdk/support/lists.h"
#include "sdk/support/networks.h"

namespace turnpike::access {
namespace {

constexpr unsigned kMappedBits = 96;

std::string_view cookie(const tp_request_view& view, std::string_view name) {
    for (uint32_t i = 0; i < view.field_count; ++i) {
        if (text(view.fields[i].name) != "cookie") continue;
        for (std::string_view rest = text(view.fields[i].value); !rest.empty();) {
            const std::string_view pair = support::nextElement(rest, ';');
            if (pair.size() > name.size() && pair[name.size()] == '=' && pair.starts_with(name))
                return pair.substr(name.size() + 1);
        }
    }
    return {};
}

}  // namespace

LimitKey::LimitKey(std::string_view rule, unsigned ipv4_bits, unsigned ipv6_bits)
    : ipv4_bits_(ipv4_bits), ipv6_bits_(ipv6_bits) {
    for (bool is_last = false; !is_last;) {
        is_last = rule.find('+') == std::string_view::npos;
        parts_.push_back(parse(support::nextElement(rule, '+')));
    }
}

LimitKey::Part LimitKey::parse(std::string_view word) {
    const size_t colon = word.find(':');
    const std::string_view kind = word.substr(0, colon);
    std::string name(colon == std::string_view::npos ? "" : word.substr(colon + 1));
    if (word == "address") return {Kind::Address, ""};
    if (word == "path") return {Kind::Path, ""};
    if (word == "site") return {Kind::Site, ""};
    if ((kind != "header" && kind != "cookie") || !support::isToken(name))
        throw Refused("limit_by", "\"" + std::string(word) +
                                      "\" is none of \"address\", \"path\", \"site\", \"header:NAME\" and "
                                      "\"cookie:NAME\"; join several by \"+\"");
    if (kind == "cookie") return {Kind::Cookie, std::move(name)};
    return {Kind::Header, support::lowered(name)};
}

/// Of IPv6 the network by default: a client has all of a /64 to choose its address from.
void LimitKey::appendAddress(std::string& to, std::string_view address) const {
    const auto bytes = support::parseAddress(address);
    if (!bytes) return static_cast<void>(to.append("unix"));
    const bool is_mapped = std::all_of(bytes->begin(), bytes->begin() + 10, [](uint8_t b) { return b == 0; }) &&
                           (*bytes)[10] == 0xff && (*bytes)[11] == 0xff;
    const unsigned bits = is_mapped ? kMappedBits + ipv4_bits_ : ipv6_bits_;
    for (unsigned i = 0; i < bytes->size(); ++i) {
        const unsigned kept = std::clamp(bits > i * 8 ? bits - i * 8 : 0, 0u, 8u);
        to += static_cast<char>((*bytes)[i] & (0xff00u >> kept & 0xffu));
    }
}

std::string LimitKey::of(const tp_request_view& view) const {
    std::string key;
    for (const Part& part : parts_) {
        std::string_view value;
        if (part.kind == Kind::Path) value = text(view.path);
        if (part.kind == Kind::Header) value = field(view, part.name);
        if (part.kind == Kind::Cookie) value = cookie(view, part.name);
        const bool is_address = value.empty() && part.kind != Kind::Site;
        key += static_cast<char>(is_address ? Kind::Address : part.kind);
        if (is_address)
            appendAddress(key, text(view.remote_address));
        else
            key.append(std::to_string(value.size())).append(":").append(value);  // no value can look like two
    }
    return key;
}

}  // namespace turnpike::access
