#include "answer.h"

#include <algorithm>
#include <span>

#include "sdk/support/lists.h"

namespace turnpike::compress {
namespace {

// With one of them the bytes are spoken for: encoded already, or named by a digest that covers the coding.
constexpr std::string_view kBoundTo[] = {"content-encoding", "content-digest", "repr-digest", "digest",
                                         "content-md5"};

std::span<const tp_field> fieldsOf(const tp_response_view& answer) { return {answer.fields, answer.field_count}; }

bool isBound(const tp_field& field) {
    return std::ranges::any_of(kBoundTo, [&](auto name) { return support::equalsLower(text(field.name), name); });
}

bool hasDirective(const tp_response_view& answer, std::string_view directive) {
    for (const tp_field& field : fieldsOf(answer)) {
        if (!support::equalsLower(text(field.name), "cache-control")) continue;
        for (std::string_view rest = text(field.value); !rest.empty();)
            if (support::equalsLower(support::nextElement(rest), directive)) return true;
    }
    return false;
}

bool hasField(const tp_response_view& answer, std::string_view name) {
    return std::ranges::any_of(fieldsOf(answer),
                               [&](const tp_field& f) { return support::equalsLower(text(f.name), name); });
}

bool isOfFittingSize(int64_t length, const Settings& settings) {
    if (length == TP_LENGTH_UNKNOWN) return true;
    const auto size = static_cast<uint64_t>(length);
    return size >= settings.min_size && size <= settings.max_size;
}

}  // namespace

std::string_view answerField(const tp_response_view& answer, std::string_view name) {
    for (const tp_field& field : fieldsOf(answer))
        if (support::equalsLower(text(field.name), name)) return text(field.value);
    return {};
}

Use useOf(const tp_response_view& answer, const Settings& settings) {
    if (answer.status == 204 || answer.status == 205) return Use::None;
    if (std::ranges::any_of(fieldsOf(answer), isBound) || hasDirective(answer, "no-transform")) return Use::None;
    // A 304 carries no type, and must carry the Vary of the answer that it stands for (RFC 9110 section 15.4.5).
    // Of one that is never compressed it says too much, which is harmless.
    if (answer.status == 304 && !hasField(answer, "content-type")) return Use::Varies;
    if (!settings.types.has(answerField(answer, "content-type"))) return Use::None;
    // A range is one of the bytes as they are (RFC 9110 section 14.2), and its length is not that of the whole.
    if (answer.status == 206 || answer.status == 304 || hasField(answer, "content-range")) return Use::Varies;
    return isOfFittingSize(answer.length, settings) ? Use::Compress : Use::None;
}

bool isPersonal(const tp_request_view& asked, const tp_response_view& answer) {
    if (hasDirective(answer, "public")) return false;
    return (asked.present & (TP_HAS_COOKIE | TP_HAS_AUTHORIZATION)) != 0 || hasField(answer, "set-cookie");
}

}  // namespace turnpike::compress
