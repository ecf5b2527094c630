#include "config/bind.h"

#include <algorithm>

#include "config/suggest.h"
#include "config/units.h"

namespace turnpike::config {
namespace {

// In the order of RawValue's alternatives.
constexpr const char* kGiven[] = {"a string", "an integer", "true or false", "a list", "a table"};
// In the order of TP_KEY_*.
constexpr const char* kWanted[] = {
    "a string",          "an integer",        "true or false", "a duration like \"10s\"", "a size like \"64KiB\"",
    "a list of strings", "a table of strings"};

std::string wrongType(const tp_key& key, const RawValue& value) {
    std::string text = "must be " + std::string(kWanted[key.type]) + ", not " + kGiven[value.index()];
    const auto* string = std::get_if<std::string>(&value);
    if (key.type == TP_KEY_LIST && string != nullptr) text += ": write [" + quoted(*string) + "]";
    if (key.type == TP_KEY_DURATION && std::holds_alternative<int64_t>(value)) text += ": a time needs its unit";
    return text;
}

/// Durations and sizes; `text` as the file has it. Empty: good.
std::string measure(const tp_key& key, const std::string& text, BoundKey& to) {
    Result<int64_t> parsed = key.type == TP_KEY_SIZE ? parseSize(text) : parseDuration(text);
    if (!parsed) return parsed.error().text;
    to.integer = *parsed;
    return {};
}

std::string bindString(const tp_key& key, const std::string& value, BoundKey& to) {
    to.text = value;
    if (key.type == TP_KEY_STRING) return {};
    return measure(key, value, to);
}

std::string bindInteger(const tp_key& key, int64_t value, BoundKey& to) {
    if (key.type != TP_KEY_INTEGER && value < 0) return "must not be negative";
    to.integer = value;
    return {};
}

/// Whether a value of the alternative `index` of RawValue may stand for a key of that type.
bool fits(int32_t type, const RawValue& value) {
    switch (type) {
        case TP_KEY_STRING:
            return std::holds_alternative<std::string>(value);
        case TP_KEY_INTEGER:
            return std::holds_alternative<int64_t>(value);
        case TP_KEY_BOOLEAN:
            return std::holds_alternative<bool>(value);
        case TP_KEY_DURATION:
            return value == RawValue(int64_t{0}) || std::holds_alternative<std::string>(value);
        case TP_KEY_SIZE:
            return std::holds_alternative<int64_t>(value) || std::holds_alternative<std::string>(value);
        case TP_KEY_LIST:
            return std::holds_alternative<std::vector<std::string>>(value);
        case TP_KEY_MAP:
            return std::holds_alternative<StringMap>(value);
        default:
            return false;
    }
}

/// Sets `to` from `value`; what is wrong with it, or empty.
std::string bindValue(const tp_key& key, const RawValue& value, BoundKey& to) {
    if (!fits(key.type, value)) return wrongType(key, value);
    if (const auto* string = std::get_if<std::string>(&value)) return bindString(key, *string, to);
    if (const auto* integer = std::get_if<int64_t>(&value)) return bindInteger(key, *integer, to);
    if (const auto* boolean = std::get_if<bool>(&value)) to.integer = *boolean ? 1 : 0;
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) to.list = *list;
    if (const auto* map = std::get_if<StringMap>(&value)) to.map = *map;
    return {};
}

/// Strings, durations and sizes are declared without their quotation marks; everything else is TOML.
bool parseFallback(const tp_key& key, RawValue* to) {
    std::string text(key.fallback);
    if (key.type == TP_KEY_STRING || key.type == TP_KEY_DURATION || key.type == TP_KEY_SIZE) {
        *to = std::move(text);
        return true;
    }
    Node document;
    Problem problem;
    std::vector<Problem> problems;
    RawKey raw;
    if (!parseDocument("value = " + text, "", &document, &problem)) return false;
    if (!makeRawKey(document.members.front(), &raw, problems)) return false;
    *to = std::move(raw.value);
    return true;
}

/// A default that does not fit its own type is a bug of whoever declared the key; it is told like any other
/// problem.
void bindFallback(const BindScope& scope, const tp_key& key, BoundKey& to, std::vector<Problem>& problems) {
    if (key.fallback == nullptr) return;
    RawValue value;
    std::string wrong = "is not TOML";
    if (parseFallback(key, &value)) wrong = bindValue(key, value, to);
    if (!wrong.empty())
        problems.push_back(
            {scope.at, "the declared default of " + quoted(key.name) + " " + scope.where + " " + wrong});
}

void checkUnknown(const BindScope& scope, const RawKey& given, const tp_key* keys, size_t count,
                  std::vector<Problem>& problems) {
    std::vector<std::string_view> names;
    for (size_t i = 0; i < count; ++i) names.emplace_back(keys[i].name);
    if (std::find(names.begin(), names.end(), given.name) != names.end()) return;
    names.insert(names.end(), scope.more_names.begin(), scope.more_names.end());
    std::string belongs = scope.elsewhere == nullptr ? std::string() : scope.elsewhere(given.name);
    std::string hint = belongs.empty() ? suggestion(given.name, names) : " - " + belongs;
    problems.push_back({given.at, "unknown key " + quoted(given.name) + " " + scope.where + hint});
}

void checkTwice(const std::vector<RawKey>& given, size_t index, std::vector<Problem>& problems) {
    for (size_t i = 0; i < index; ++i) {
        if (given[i].name != given[index].name) continue;
        problems.push_back({given[index].at, quoted(given[i].name) + " is already set at " + given[i].at.text()});
        return;
    }
}

BoundKey bindKey(const BindScope& scope, const std::vector<RawKey>& given, const tp_key& key,
                 std::vector<Problem>& problems) {
    BoundKey to;
    to.declared = &key;
    to.at = scope.at;
    bindFallback(scope, key, to, problems);
    auto found = std::find_if(given.begin(), given.end(), [&](const RawKey& raw) { return raw.name == key.name; });
    if (found == given.end()) {
        if (key.required != 0)
            problems.push_back({scope.at, "missing key " + quoted(key.name) + " " + scope.where});
        return to;
    }
    BoundKey set = to;
    set.is_set = true;
    set.at = found->at;
    std::string wrong = bindValue(key, found->value, set);
    if (wrong.empty()) return set;
    problems.push_back({found->at, quoted(key.name) + ": " + wrong});
    return to;
}

}  // namespace

std::vector<BoundKey> bindKeys(const BindScope& scope, const std::vector<RawKey>& given, const tp_key* keys,
                               size_t count, std::vector<Problem>& problems) {
    for (size_t i = 0; i < given.size(); ++i) {
        checkUnknown(scope, given[i], keys, count, problems);
        checkTwice(given, i, problems);
    }
    std::vector<BoundKey> bound;
    bound.reserve(count);
    for (size_t i = 0; i < count; ++i) bound.push_back(bindKey(scope, given, keys[i], problems));
    return bound;
}

}  // namespace turnpike::config
