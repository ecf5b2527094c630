#include "condition.h"

#include <strings.h>

#include <algorithm>

#include "field_rules.h"
#include "sdk/support/asked_path.h"
#include "sdk/support/lists.h"

namespace turnpike::headers {
namespace {

/// The items of a list; one that is there and empty would exclude every answer, which nobody means.
std::vector<std::string> listOf(const tp_host& host, const tp_setup& setup, const char* key) {
    const tp_str* items = nullptr;
    const size_t count = host.config_list(&setup, key, &items);
    if (count == 0 && host.config_is_set(&setup, key) != 0) throw Refused(key, "is empty");
    std::vector<std::string> list;
    for (size_t i = 0; i < count; ++i) list.emplace_back(text(items[i]));
    return list;
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// "404", or "4xx" for a whole class; interim answers (1xx) are no plugin's.
template <size_t Size>
void allow(std::bitset<Size>& statuses, const std::string& text) {
    const bool is_class = text.size() == 3 && text.substr(1) == "xx";
    const bool is_one = text.size() == 3 && std::ranges::all_of(text, isDigit);
    if ((!is_class && !is_one) || text.front() < '2' || text.front() > '5')
        throw Refused("statuses",
                      quoted(text) + " is not a status from \"200\" to \"599\", nor a class like \"4xx\"");
    if (is_one) return static_cast<void>(statuses.set(std::stoul(text)));
    const size_t first = static_cast<size_t>(text.front() - '0') * 100;
    for (size_t status = first; status < first + 100; ++status) statuses.set(status);
}

std::string mediaType(std::string_view text) {
    std::string type = support::lowered(text);
    const size_t slash = type.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == type.size() ||
        type.find_first_of("/;, ", slash + 1) != std::string::npos)
        throw Refused("types", quoted(type) + " is not a media type like \"text/html\" or \"text/*\"");
    if (type.ends_with("/*")) type.pop_back();
    return type;
}

}  // namespace

Condition::Condition(const tp_host& host, const tp_setup& setup)
    : types_(listOf(host, setup, "types")),
      prefixes_(listOf(host, setup, "prefixes")),
      suffixes_(listOf(host, setup, "suffixes")) {
    for (const std::string& status : listOf(host, setup, "statuses")) allow(statuses_, status);
    if (statuses_.none()) statuses_.set();
    for (std::string& type : types_) type = mediaType(type);
    for (const std::string& prefix : prefixes_)
        if (!prefix.starts_with('/'))
            throw Refused("prefixes", quoted(prefix) + " matches no path: every path begins with \"/\"");
    for (const std::string& suffix : suffixes_)
        if (suffix.empty()) throw Refused("suffixes", "an empty one ends every path");
}

bool Condition::holds(const tp_request_view& request, const tp_response_view& answer) const {
    return answer.status < kStatusEnd && statuses_.test(answer.status) && hasType(answer) && hasPath(request);
}

bool Condition::hasType(const tp_response_view& answer) const {
    if (types_.empty()) return true;
    for (size_t i = 0; i < answer.field_count; ++i) {
        if (!isSameName(text(answer.fields[i].name), "content-type")) continue;
        std::string_view rest = text(answer.fields[i].value);
        const std::string_view type = support::nextElement(rest, ';');
        return std::ranges::any_of(types_, [type](const std::string& wanted) {
            return support::equalsLower(wanted.ends_with('/') ? type.substr(0, wanted.size()) : type, wanted);
        });
    }
    return false;
}

bool Condition::hasPath(const tp_request_view& request) const {
    if (prefixes_.empty() && suffixes_.empty()) return true;
    const std::string path = support::askedPath(request);
    auto begins = [&path](const std::string& prefix) { return path.starts_with(prefix); };
    auto ends = [&path](const std::string& suffix) { return path.ends_with(suffix); };
    return (prefixes_.empty() || std::ranges::any_of(prefixes_, begins)) &&
           (suffixes_.empty() || std::ranges::any_of(suffixes_, ends));
}

}  // namespace turnpike::headers
