#include "config/explain.h"

#include <algorithm>

#include "config/presets.h"
#include "config/suggest.h"
#include "config/units.h"

namespace turnpike::config {
namespace {

// In the order of TP_KEY_*.
constexpr const char* kTypes[] = {"string", "integer",         "true or false",   "duration",
                                  "size",   "list of strings", "table of strings"};
constexpr size_t kWidth = 78;

std::string amount(int32_t type, int64_t value) {
    if (type == TP_KEY_DURATION) return durationText(value);
    return type == TP_KEY_SIZE ? sizeText(value) : std::to_string(value);
}

std::string choicesText(const Rule& rule) {
    std::string text;
    for (size_t i = 0; i < rule.choices.size(); ++i) {
        if (i > 0) text += i + 1 < rule.choices.size() ? ", " : " or ";
        text += quoted(rule.choices[i]);
    }
    return text;
}

std::string padded(std::string text, size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text + " ";
}

/// `text` in lines of at most kWidth, each behind `indent` spaces.
std::string wrapped(std::string_view text, size_t indent) {
    std::string to, line(indent, ' ');
    while (!text.empty()) {
        size_t end = std::min(text.find(' '), text.size());
        if (line.size() > indent && line.size() + 1 + end > kWidth) {
            to += line + "\n";
            line.assign(indent, ' ');
        }
        if (line.size() > indent) line += ' ';
        line += text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return to + line + "\n";
}

std::string fullName(std::string_view prefix, std::string_view name) {
    return prefix.empty() ? std::string(name) : std::string(prefix) + "." + std::string(name);
}

std::string keyText(std::string_view prefix, const tp_key& key, const Rule& rule) {
    std::string fallback = defaultText(key);
    std::string text = fullName(prefix, key.name) + "\n    type     " + typeText(key, rule) + "\n";
    if (key.required != 0) text += "    required\n";
    if (!fallback.empty()) text += "    default  " + fallback + "\n";
    return text + wrapped(key.help == nullptr ? "" : key.help, 4);
}

std::string sectionText(const Section& section) {
    std::string text = section.heading[0] == '\0' ? std::string() : std::string(section.heading) + "\n";
    for (const Section::Entry& entry : section.entries) {
        if (entry.is_hidden) continue;
        text += "  " + padded(entry.key->name, 24) + padded(typeText(*entry.key, *entry.rule), 36) +
                defaultText(*entry.key) + "\n";
    }
    return text;
}

constexpr std::string_view kPresetPrefix = "preset.";

std::string unknown(std::string_view name, const std::vector<std::string>& known) {
    return "there is no key " + quoted(name) + suggestion(name, {known.begin(), known.end()}) + "\n";
}

}  // namespace

std::string typeText(const tp_key& key, const Rule& rule) {
    if (!rule.choices.empty()) return choicesText(rule);
    std::string text = kTypes[key.type];
    bool has_range = rule.most != Rule().most;
    if (has_range) text += ", " + amount(key.type, rule.least) + " to " + amount(key.type, rule.most);
    return text;
}

std::string defaultText(const tp_key& key) {
    if (key.fallback == nullptr) return {};
    bool is_string = key.type == TP_KEY_STRING || key.type == TP_KEY_DURATION || key.type == TP_KEY_SIZE;
    return is_string ? quoted(key.fallback) : key.fallback;
}

std::string explainAll() {
    std::string text;
    for (const Section& section : sections()) text += sectionText(section) + "\n";
    return text + "`turnpike explain KEY` tells more of one, for example limits.header.\n";
}

std::string explain(std::string_view name, bool* found) {
    std::string text;
    std::vector<std::string> known;
    for (const Preset& preset : presets()) {
        known.push_back(std::string(kPresetPrefix).append(preset.name));
        if (name == known.back()) text = preset.text;
    }
    for (const Section& section : sections()) {
        if (!name.empty() && (name == section.prefix || name == section.heading))
            text += sectionText(section) + wrapped(section.help, 2);
        for (const Section::Entry& entry : section.entries) {
            std::string full = fullName(section.prefix, entry.key->name);
            if (name == full || name == entry.key->name)
                text += (text.empty() ? "" : "\n") + keyText(section.prefix, *entry.key, *entry.rule);
            if (entry.is_hidden) continue;
            known.push_back(std::move(full));
            known.emplace_back(entry.key->name);
        }
    }
    *found = !text.empty();
    return *found ? text : unknown(name, known);
}

std::string explainPlugin(std::string_view plugin, const tp_key* keys, size_t count, std::string_view name,
                          bool* found) {
    std::string text;
    std::vector<std::string> known;
    for (size_t i = 0; i < count; ++i) {
        known.emplace_back(keys[i].name);
        if (name.empty() || name == keys[i].name)
            text += (text.empty() ? "" : "\n") + keyText(plugin, keys[i], Rule());
    }
    *found = !text.empty() || name.empty();
    if (!*found) return unknown(name, known);
    return text.empty() ? "plugin " + quoted(plugin) + " has no keys\n" : text;
}

}  // namespace turnpike::config
