// setup.hpp - what a plugin sees inside configure(): the values of the keys that it declared, and its site.
#pragma once
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../plugin.hpp"
#include "check.hpp"

namespace turnpike::fake {

using StringMap = std::vector<std::pair<std::string, std::string>>;

/// The site that the instance belongs to.
struct Site {
    std::string name = "test", root;
    std::vector<std::string> index = {"index.html"};
};

/// "30s" in milliseconds, "64KiB" in bytes, "true", or a plain number; -1: not one of them.
inline int64_t parseNumber(std::string_view text, int32_t type) {
    if (text == "true") return 1;
    if (text == "false" || text.empty()) return 0;
    char* end = nullptr;
    std::string owned(text);
    int64_t number = std::strtoll(owned.c_str(), &end, 10);
    if (end == owned.c_str()) return -1;
    static const std::map<std::string_view, int64_t> durations = {
        {"", 1}, {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
    static const std::map<std::string_view, int64_t> sizes = {
        {"", 1}, {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1000}, {"MB", 1'000'000}};
    static const std::map<std::string_view, int64_t> none = {{"", 1}};
    const auto& units = type == TP_KEY_DURATION ? durations : type == TP_KEY_SIZE ? sizes : none;
    auto unit = units.find(std::string_view(end));
    return unit == units.end() ? -1 : number * unit->second;
}

/// The strings of `["a", "b"]`, of `{ k = "v" }` (keys and values in turn), or of `a, b`.
inline std::vector<std::string> parseItems(std::string_view text) {
    std::vector<std::string> items;
    bool is_quoted = text.find('"') != std::string_view::npos, inside = !is_quoted;
    std::string item;
    auto put = [&] {
        if (!item.empty()) items.push_back(std::exchange(item, {}));
    };
    for (char c : text) {
        if (c == '"' && is_quoted)
            inside = !inside;
        else if ((inside && is_quoted) || std::string_view("[]{},= ").find(c) == std::string_view::npos)
            item += c;
        else
            put();
    }
    put();
    return items;
}

/// The values that a test set, before they are bound to the plugin's keys.
struct Settings {
    std::map<std::string, std::string> texts;
    std::map<std::string, std::vector<std::string>> lists;
    std::map<std::string, StringMap> maps;

    bool has(const std::string& key) const {
        return texts.count(key) != 0 || lists.count(key) != 0 || maps.count(key) != 0;
    }
};

/// Behind tp_setup. The values live as long as the Host.
class Setup {
 public:
    /// Binds `settings` to the keys; what does not fit becomes a problem.
    void bind(const tp_plugin& plugin, const Settings& settings, const Site& of) {
        site = &of;
        for (const std::string& name : of.index) index.push_back(str(name));
        for (uint32_t i = 0; i < plugin.key_count; ++i) bindKey(plugin.keys[i], settings);
        auto check = [&](const std::string& key) {
            if (values_.count(key) == 0) problems.push_back(key + ": unknown key");
        };
        for (auto& [key, value] : settings.texts) check(key);
        for (auto& [key, value] : settings.lists) check(key);
        for (auto& [key, value] : settings.maps) check(key);
    }

    struct Value {
        int32_t type = TP_KEY_STRING;
        bool is_set = false;
        std::string text;
        int64_t integer = 0;
        std::deque<std::string> owned;
        std::vector<tp_str> list;
        std::vector<tp_field> map;
    };
    const Value& value(const char* key, const char* function) const {
        setupOnly(function);
        auto found = values_.find(key);
        if (found == values_.end())
            die(std::string(function) + "(\"" + key + "\"): the plugin did not declare that key");
        return found->second;
    }
    /// The same for a key that must have been declared with a type from `first` to `last`.
    const Value& value(const char* key, const char* function, int32_t first, int32_t last) const {
        const Value& found = value(key, function);
        if (found.type < first || found.type > last)
            die(std::string(function) + "(\"" + key + "\"): the key was declared with another type");
        return found;
    }

    const Site* site = nullptr;
    std::vector<tp_str> index;
    std::vector<std::string> problems;  // "key: message"

 private:
    void bindKey(const tp_key& key, const Settings& settings) {
        Value& value = values_[key.name];
        value.type = key.type;
        value.is_set = settings.has(key.name);
        if (!value.is_set && key.required != 0) problems.push_back(std::string(key.name) + ": must be set");
        std::string fallback = key.fallback != nullptr ? key.fallback : "";
        if (key.type == TP_KEY_LIST) {
            auto set = settings.lists.find(key.name);
            for (const std::string& s : set != settings.lists.end() ? set->second : parseItems(fallback))
                value.list.push_back(keep(value, s));
        } else if (key.type == TP_KEY_MAP) {
            bindMap(value, key, settings, fallback);
        } else {
            auto set = settings.texts.find(key.name);
            value.text = set != settings.texts.end() ? set->second : fallback;
            value.integer = key.type == TP_KEY_STRING ? 0 : parseNumber(value.text, key.type);
            if (value.integer == -1 && value.text != "-1")
                problems.push_back(std::string(key.name) + ": \"" + value.text + "\" is not a value of its type");
        }
    }
    static void bindMap(Value& value, const tp_key& key, const Settings& settings, const std::string& fallback) {
        auto set = settings.maps.find(key.name);
        StringMap pairs;
        if (set != settings.maps.end()) {
            pairs = set->second;
        } else {
            std::vector<std::string> items = parseItems(fallback);
            for (size_t i = 0; i + 1 < items.size(); i += 2) pairs.emplace_back(items[i], items[i + 1]);
        }
        for (auto& [name, text] : pairs) value.map.push_back({keep(value, name), keep(value, text)});
    }
    static tp_str keep(Value& value, std::string text) {
        value.owned.push_back(std::move(text));
        return str(value.owned.back());
    }

    std::map<std::string, Value, std::less<>> values_;
};

}  // namespace turnpike::fake
