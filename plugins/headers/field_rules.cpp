#include "field_rules.h"

#include <strings.h>

#include <algorithm>
#include <iterator>

#include "sdk/support/lists.h"

namespace turnpike::headers {
namespace {

bool isVisible(char c) { return c >= ' ' && c <= '~'; }

// What the host writes itself and lets no plugin change.
bool isOfTheServer(std::string_view name) {
    constexpr std::string_view kOurs[] = {"connection",        "content-length", "date", "keep-alive",
                                          "proxy-connection",  "server",         "te",   "trailer",
                                          "transfer-encoding", "upgrade"};
    return std::any_of(std::begin(kOurs), std::end(kOurs),
                       [name](std::string_view ours) { return isSameName(name, ours); });
}

}  // namespace

bool isSameName(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string quoted(std::string_view text) {
    std::string shown = "\"" + std::string(text) + "\"";
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return !isVisible(c); }, '?');
    return shown;
}

void checkName(const char* key, std::string_view name) {
    if (!support::isToken(name)) throw Refused(key, quoted(name) + " is not the name of a field");
    if (isOfTheServer(name))
        throw Refused(key, quoted(name) + " is written by the server itself and cannot be changed");
}

void checkField(const char* key, std::string_view name, std::string_view value) {
    checkName(key, name);
    if (value.empty())
        throw Refused(key, quoted(name) + " has no value; to take a field away name it in `remove`");
    if (!std::ranges::all_of(value, [](char c) { return isVisible(c) || c == '\t'; }))
        throw Refused(key, "the value of " + quoted(name) +
                               " may hold visible ASCII characters, spaces and tabs only, no end of line");
}

void checkListField(const char* key, std::string_view name, std::string_view value) {
    checkField(key, name, value);
    // RFC 9110 section 5.3: the one field whose values must stay apart.
    if (isSameName(name, "set-cookie")) throw Refused(key, quoted(name) + " is not a list; use `add`");
    if (value.find('"') != std::string_view::npos)
        throw Refused(key, "the value of " + quoted(name) + " may hold no quotes: its elements end at commas");
}

Field parseLine(const char* key, std::string_view line) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) throw Refused(key, quoted(line) + " is not a field like \"Name: value\"");
    const std::string_view name = line.substr(0, colon), value = support::trim(line.substr(colon + 1));
    checkField(key, name, value);
    return {std::string(name), std::string(value)};
}

}  // namespace turnpike::headers
