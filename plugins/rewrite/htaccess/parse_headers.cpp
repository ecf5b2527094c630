// Header, RequestHeader, ExpiresActive, ExpiresByType, ExpiresDefault.
#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "parsing.h"
#include "sdk/support/lists.h"

namespace turnpike::rewrite::htaccess {
namespace {

using Action = HeaderChange::Action;

// What the server itself writes.
constexpr std::string_view kOfTheServer[] = {"connection", "content-length",    "date",   "keep-alive", "server",
                                             "trailer",    "transfer-encoding", "upgrade"};
// What frames a request, routes it or belongs to its connection.
constexpr std::string_view kOfTheConnection[] = {
    "connection",       "content-length",    "expect", "host", "keep-alive", "proxy", "te", "trailer",
    "proxy-connection", "transfer-encoding", "upgrade"};

Action actionOf(const std::string& word) {
    constexpr std::pair<std::string_view, Action> kActions[] = {
        {"set", Action::Set},       {"setifempty", Action::SetIfEmpty},
        {"append", Action::Append}, {"merge", Action::Merge},
        {"add", Action::Add},       {"unset", Action::Unset},
        {"edit", Action::Edit},
    };
    for (const auto& [name, action] : kActions)
        if (name == word) return action;
    throw std::invalid_argument("\"" + word + "\" is not understood");
}

/// Takes "env=NAME", "env=!NAME" or "expr=EXPRESSION" off the end.
void takeCondition(std::vector<std::string>& words, HeaderChange& change) {
    if (words.empty()) return;
    const std::string& last = words.back();
    const std::string lower = support::lowered(last);
    if (lower.starts_with("expr=")) {
        change.expression.emplace(std::string_view(last).substr(5));
    } else if (lower.starts_with("env=")) {
        change.is_negated = last.substr(4).starts_with('!');
        change.variable = last.substr(change.is_negated ? 5 : 4);
    } else {
        return;
    }
    words.pop_back();
}

/// "always" or "onsuccess", of which the second is what Header means without either.
bool takeAlways(std::vector<std::string>& words) {
    const std::string when = words.empty() ? std::string() : support::lowered(words[0]);
    if (when == "always" || when == "onsuccess") words.erase(words.begin());
    return when == "always";
}

template <size_t N>
HeaderChange parseChange(std::vector<std::string> words, const std::string_view (&not_ours)[N]) {
    HeaderChange change{};
    if (words.size() < 2) throw std::invalid_argument("names no field");
    change.action = actionOf(support::lowered(words[0]));
    change.name = words[1].ends_with(':') ? words[1].substr(0, words[1].size() - 1) : words[1];
    if (!support::isToken(change.name))
        throw std::invalid_argument("\"" + change.name + "\" is not the name of a field");
    if (std::ranges::count(not_ours, support::lowered(change.name)) != 0)
        throw std::invalid_argument("\"" + change.name + "\" is written by the server itself");
    words.erase(words.begin(), words.begin() + 2);
    takeCondition(words, change);
    const size_t wanted = change.action == Action::Unset ? 0 : change.action == Action::Edit ? 2 : 1;
    if (words.size() != wanted)
        throw std::invalid_argument("has " + std::to_string(words.size()) + " values, not " +
                                    std::to_string(wanted));
    if (change.action == Action::Edit) {
        change.pattern = parsePattern(words[0]);
        change.value = Expansion::ofGroups(words[1]);
    } else if (wanted == 1) {
        change.value = Expansion::ofHeader(words[0]);
    }
    return change;
}

int64_t secondsOf(std::string unit) {
    if (unit.ends_with('s')) unit.pop_back();
    constexpr std::pair<std::string_view, int64_t> kUnits[] = {
        {"second", 1},    {"minute", 60},     {"min", 60},        {"hour", 3600}, {"day", 86400},
        {"week", 604800}, {"month", 2592000}, {"year", 31536000}, {"sec", 1}};
    for (const auto& [name, seconds] : kUnits)
        if (unit == name) return seconds;
    throw std::invalid_argument("\"" + unit + "\" is no time");
}

int64_t number(std::string_view text) {
    int64_t value = -1;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    constexpr int64_t kMost = 1'000'000'000;
    if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > kMost)
        throw std::invalid_argument("\"" + std::string(text) + "\" is no number of a time");
    return value;
}

/// "A3600", "M3600", or "access plus 1 month 2 days" in one argument or several.
Expiry parseExpiry(const std::vector<std::string>& arguments) {
    std::vector<std::string> words;
    for (const std::string& argument : arguments)
        for (size_t at = 0; at < argument.size();) {
            const size_t end = std::min(argument.find(' ', at), argument.size());
            if (end > at) words.push_back(support::lowered(argument.substr(at, end - at)));
            at = end + 1;
        }
    if (words.empty()) throw std::invalid_argument("says no time");
    Expiry expiry;
    const bool is_short = words[0].size() > 1 && words[0][1] >= '0' && words[0][1] <= '9';
    if (words.size() == 1 && is_short && (words[0][0] == 'a' || words[0][0] == 'm')) {
        expiry.from_modification = words[0][0] == 'm';
        expiry.seconds = number(std::string_view(words[0]).substr(1));
        return expiry;
    }
    if (words[0] != "access" && words[0] != "now" && words[0] != "modification")
        throw std::invalid_argument("begins with \"access\", \"now\" or \"modification\"");
    expiry.from_modification = words[0] == "modification";
    size_t at = words.size() > 1 && words[1] == "plus" ? 2 : 1;
    for (; at + 1 < words.size(); at += 2) expiry.seconds += number(words[at]) * secondsOf(words[at + 1]);
    if (at != words.size()) throw std::invalid_argument("ends with half a time");
    return expiry;
}

}  // namespace

bool parseHeaders(const Line& line, Block& block) {
    if (line.name == "header") {
        std::vector<std::string> words = line.arguments;
        const bool always = takeAlways(words);
        block.headers.push_back(parseChange(std::move(words), kOfTheServer));
        block.headers.back().always = always;
        block.headers.back().place = line.place();
    } else if (line.name == "requestheader") {
        // The Proxy field never reaches a program here (httpoxy).
        const bool is_proxy = line.arguments.size() == 2 && support::lowered(line.arguments[0]) == "unset" &&
                              support::lowered(line.arguments[1]) == "proxy";
        if (is_proxy) return true;
        HeaderChange change = parseChange(line.arguments, kOfTheConnection);
        change.name = support::lowered(change.name);
        change.place = line.place();
        block.request_headers.push_back(std::move(change));
    } else if (line.name == "expiresactive") {
        block.expires = parseSwitch(line);
    } else if (line.name == "expiresdefault") {
        block.expires_default = parseExpiry(line.arguments);
    } else if (line.name == "expiresbytype") {
        expectArguments(line, 2, 20);
        block.expires_types[support::lowered(line.arguments[0])] =
            parseExpiry({line.arguments.begin() + 1, line.arguments.end()});
    } else {
        return false;
    }
    return true;
}

}  // namespace turnpike::rewrite::htaccess
