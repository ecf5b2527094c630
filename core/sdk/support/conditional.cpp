#include "sdk/support/conditional.h"

#include <optional>

#include "sdk/support/http_date.h"
#include "sdk/support/lists.h"

namespace turnpike::support {
namespace {

std::string_view text(tp_str s) { return {s.ptr, s.len}; }

std::optional<std::string_view> findField(const tp_request_view& view, std::string_view name) {
    for (uint32_t i = 0; i < view.field_count; ++i)
        if (text(view.fields[i].name) == name) return trim(text(view.fields[i].value));
    return {};
}

std::string_view opaque(std::string_view etag) { return etag.starts_with("W/") ? etag.substr(2) : etag; }

enum class Compare : uint8_t { Strong, Weak };

bool matches(std::string_view sent, std::string_view own, Compare how) {
    if (how == Compare::Weak) return opaque(sent) == opaque(own);
    return sent == own && !own.starts_with("W/");
}

// Takes one entity-tag off `list`; empty when there is none at its start. A tag may hold commas.
std::string_view takeTag(std::string_view& list) {
    const size_t open = list.starts_with("W/") ? 2 : 0;
    if (list.size() <= open || list[open] != '"') return {};
    const size_t close = list.find('"', open + 1);
    if (close == std::string_view::npos) return {};
    const std::string_view tag = list.substr(0, close + 1);
    list.remove_prefix(close + 1);
    return tag;
}

void skipSeparators(std::string_view& list) {
    const size_t next = list.find_first_not_of(", \t");
    list.remove_prefix(next == std::string_view::npos ? list.size() : next);
}

// Reads up to the first thing that is no entity-tag.
bool listNames(std::string_view list, std::string_view own, Compare how) {
    if (trim(list) == "*") return true;
    for (skipSeparators(list); !list.empty(); skipSeparators(list)) {
        const std::string_view tag = takeTag(list);
        if (tag.empty()) return false;
        if (!own.empty() && matches(tag, own, how)) return true;
    }
    return false;
}

// Any of the field lines with that name.
bool anyNames(const tp_request_view& view, std::string_view name, std::string_view own, Compare how) {
    for (uint32_t i = 0; i < view.field_count; ++i)
        if (text(view.fields[i].name) == name && listNames(text(view.fields[i].value), own, how)) return true;
    return false;
}

std::optional<int64_t> dateField(const tp_request_view& view, std::string_view name) {
    const auto value = findField(view, name);
    if (!value) return {};
    return parseHttpDate(*value, view.received_unix_ms / 1000);
}

bool isRead(const tp_request_view& view) {
    return view.method_id == TP_METHOD_GET || view.method_id == TP_METHOD_HEAD;
}

// Steps 1 and 2: is the resource still as the client knows it?
bool isExpectedState(const tp_request_view& view, const Validators& validators) {
    if ((view.present & TP_HAS_IF_MATCH) != 0) return anyNames(view, "if-match", validators.etag, Compare::Strong);
    if ((view.present & TP_HAS_IF_UNMODIFIED_SINCE) == 0) return true;
    const auto since = dateField(view, "if-unmodified-since");
    return !since || validators.modified <= *since;
}

// Steps 3 and 4: has the client this representation already?
bool isKnown(const tp_request_view& view, const Validators& validators) {
    if ((view.present & TP_HAS_IF_NONE_MATCH) != 0)
        return anyNames(view, "if-none-match", validators.etag, Compare::Weak);
    if ((view.present & TP_HAS_IF_MODIFIED_SINCE) == 0 || !isRead(view)) return false;
    const auto since = dateField(view, "if-modified-since");
    return since && validators.modified <= *since;
}

}  // namespace

Precondition checkPreconditions(const tp_request_view& view, const Validators& validators) noexcept {
    if ((view.present & kPreconditionFields) == 0) return Precondition::Proceed;
    if (!isExpectedState(view, validators)) return Precondition::Failed;
    if (!isKnown(view, validators)) return Precondition::Proceed;
    return isRead(view) ? Precondition::NotModified : Precondition::Failed;
}

bool isRangeWanted(const tp_request_view& view, const Validators& validators) noexcept {
    if ((view.present & TP_HAS_RANGE) == 0 || view.method_id != TP_METHOD_GET) return false;
    if ((view.present & TP_HAS_IF_RANGE) == 0) return true;
    const auto condition = findField(view, "if-range");
    if (!condition) return true;
    if (condition->starts_with('"') || condition->starts_with("W/"))
        return matches(*condition, validators.etag, Compare::Strong);
    // A date is strong enough only when the server knows that nothing changed twice within its second (RFC 9110
    // section 8.8.2.2), and a weak tag says that it does not.
    const auto date = parseHttpDate(*condition, view.received_unix_ms / 1000);
    return date && *date == validators.modified && !validators.etag.starts_with("W/");
}

}  // namespace turnpike::support
