#include "key.h"

#include <sys/auxv.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "label.h"
#include "sdk/support/accept_encoding.h"
#include "sdk/support/lists.h"

namespace turnpike::cache {
namespace {

// What frameworks read in place of the target, the host, the scheme, the port or the method.
constexpr std::array<std::string_view, 20> kTargetFields = {"forwarded",
                                                            "front-end-https",
                                                            "x-forwarded-host",
                                                            "x-forwarded-path",
                                                            "x-forwarded-port",
                                                            "x-forwarded-prefix",
                                                            "x-forwarded-proto",
                                                            "x-forwarded-scheme",
                                                            "x-forwarded-server",
                                                            "x-forwarded-ssl",
                                                            "x-host",
                                                            "x-http-host-override",
                                                            "x-http-method",
                                                            "x-http-method-override",
                                                            "x-method-override",
                                                            "x-original-host",
                                                            "x-original-uri",
                                                            "x-original-url",
                                                            "x-rewrite-url",
                                                            "x-url-scheme"};
static_assert(std::ranges::is_sorted(kTargetFields));

std::string origin(const tp_request_view& view) {
    // With the port, which scripts put into the addresses that they write.
    return (view.secure != 0 ? "https://" : "http://") + support::lowered(support::trim(field(view, "host")));
}

/// Each coding's rank among all, which decides every choice between them.
void appendCodings(std::string& to, const tp_request_view& view) {
    using support::Coding;
    const support::AcceptEncoding accepted(view);
    constexpr std::array kCodings = {Coding::Identity, Coding::Gzip, Coding::Brotli, Coding::Zstd};
    for (const Coding coding : kCodings) {
        const unsigned weight = accepted.weight(coding);
        const auto heavier =
            std::ranges::count_if(kCodings, [&](Coding c) { return accepted.weight(c) > weight; });
        to += weight == 0 ? 'x' : static_cast<char>('0' + heavier);
    }
}

void appendField(std::string& to, const tp_request_view& view, std::string_view name) {
    for (uint32_t i = 0; i < view.field_count; ++i) {
        if (text(view.fields[i].name) != name) continue;
        for (std::string_view rest = text(view.fields[i].value); !rest.empty();) {
            const std::string_view element = support::nextElement(rest);
            if (!element.empty()) to.append(element).append(",");
        }
        to += ';';
    }
}

std::optional<std::string> keyOfTarget(const tp_request_view& view, std::string_view target) {
    if (!target.starts_with('/') || field(view, "host").empty()) return {};
    std::string key = origin(view).append(target);
    for (uint32_t i = 0; i < view.field_count; ++i) {
        const std::string_view name = text(view.fields[i].name);
        if (std::ranges::binary_search(kTargetFields, name))
            key.append("\n").append(name).append(": ").append(text(view.fields[i].value));
    }
    return key;
}

}  // namespace

Hash hashOf(support::HashKey key, std::string_view text) {
    return {support::keyedHash<2, 4>(key, text), support::keyedHash<2, 4>({~key.k1, key.k0}, text)};
}

// The sixteen random bytes that the kernel gave the master when it began; reading them calls nothing.
support::HashKey processKey() {
    support::HashKey key;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel gives the address as a number
    std::memcpy(&key, reinterpret_cast<const void*>(getauxval(AT_RANDOM)), sizeof key);
    return key;
}

std::span<const std::string_view> targetFields() { return kTargetFields; }

std::optional<std::string> primaryKey(const tp_request_view& view) { return keyOfTarget(view, text(view.target)); }

std::optional<std::string> keyOfReference(const tp_request_view& view, std::string_view reference) {
    reference = reference.substr(0, reference.find('#'));
    const std::string own = origin(view);
    if (support::lowered(reference.substr(0, own.size())) == own) reference.remove_prefix(own.size());
    if (reference.starts_with("//")) return {};
    return keyOfTarget(view, reference);
}

std::string labelOf(const tp_request_view& view) { return urlOf(origin(view), text(view.target)); }

std::optional<std::string> varyOf(std::span<const tp_field> fields) {
    std::vector<std::string> names;
    for (const tp_field& f : fields) {
        if (!support::equalsLower(text(f.name), "vary")) continue;
        for (std::string_view rest = text(f.value); !rest.empty();) {
            const std::string_view name = support::nextElement(rest);
            if (name == "*") return {};
            if (!name.empty()) names.push_back(support::lowered(name));
        }
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string all;
    for (const std::string& name : names) all.append(all.empty() ? "" : ",").append(name);
    return all;
}

bool doesName(std::string_view vary, std::string_view name) {
    while (!vary.empty())
        if (support::nextElement(vary) == name) return true;
    return false;
}

std::string variantOf(const tp_request_view& view, std::string_view vary) {
    std::string variant;
    while (!vary.empty()) {
        const std::string_view name = support::nextElement(vary);
        if (name == "cookie") continue;
        variant.append(name).append("=");
        if (name == "accept-encoding")
            appendCodings(variant, view);
        else
            appendField(variant, view, name);
        variant += '\n';
    }
    return variant;
}

}  // namespace turnpike::cache
