#include "head.h"

#include <algorithm>

#include "label.h"
#include "sdk/support/lists.h"

namespace turnpike::cache {
namespace {

// Age and Cache-Status are told anew with every use. A Date is the host's.
constexpr std::string_view kNotKept[] = {"age", "cache-status", "date", "set-cookie"};

bool isKept(std::string_view name) {
    return !isTagField(name) &&
           std::ranges::none_of(kNotKept, [name](auto other) { return support::equalsLower(name, other); });
}

bool isSameName(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

void append(std::string& to, const tp_field& field) {
    to.append(text(field.name)).append(":").append(text(field.value)).append("\n");
}

/// What speaks of the bytes stays that of the answer which brought them (section 3.2).
bool isOfTheBytes(std::string_view name) {
    constexpr std::string_view kNames[] = {"content-length", "content-encoding", "content-type", "content-range"};
    return std::ranges::any_of(kNames, [name](auto of) { return support::equalsLower(name, of); });
}

}  // namespace

std::string packed(std::span<const tp_field> fields) {
    std::string all;
    for (const tp_field& field : fields)
        if (isKept(text(field.name))) append(all, field);
    return all;
}

std::vector<tp_field> unpacked(std::string_view text) {
    std::vector<tp_field> fields;
    while (!text.empty()) {
        const size_t end = text.find('\n'), colon = text.find(':');
        if (end == std::string_view::npos || colon > end) break;
        fields.push_back({str(text.substr(0, colon)), str(text.substr(colon + 1, end - colon - 1))});
        text.remove_prefix(end + 1);
    }
    return fields;
}

std::string_view valueOf(std::span<const tp_field> fields, std::string_view name) {
    for (const tp_field& field : fields)
        if (support::equalsLower(text(field.name), name)) return support::trim(text(field.value));
    return {};
}

std::string updated(std::string_view kept, std::span<const tp_field> fields) {
    std::string all;
    const auto replaces = [](const tp_field& f) { return isKept(text(f.name)) && !isOfTheBytes(text(f.name)); };
    for (const tp_field& old : unpacked(kept)) {
        const bool is_replaced = std::ranges::any_of(
            fields, [&](const tp_field& f) { return replaces(f) && isSameName(text(f.name), text(old.name)); });
        if (!is_replaced) append(all, old);
    }
    for (const tp_field& field : fields)
        if (replaces(field)) append(all, field);
    return all;
}

}  // namespace turnpike::cache
