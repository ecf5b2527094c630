#include "config/apply.h"

#include "config/suggest.h"
#include "config/units.h"

namespace turnpike::config {
namespace {

std::string checkChoice(const Rule& rule, BoundKey& value) {
    std::string known;
    for (size_t i = 0; i < rule.choices.size(); ++i) {
        value.integer = static_cast<int64_t>(i);
        if (value.text == rule.choices[i]) return {};
        if (i > 0) known += i + 1 < rule.choices.size() ? ", " : " or ";
        known += quoted(rule.choices[i]);
    }
    value.integer = 0;
    std::vector<std::string_view> names(rule.choices.begin(), rule.choices.end());
    return "must be " + known + ", not " + quoted(value.text) + suggestion(value.text, names);
}

std::string amount(int32_t type, int64_t value) {
    if (type == TP_KEY_DURATION) return durationText(value);
    return type == TP_KEY_SIZE ? sizeText(value) : std::to_string(value);
}

}  // namespace

std::string belongsElsewhere(std::string_view name) {
    for (const Section& section : sections())
        for (const Section::Entry& entry : section.entries)
            if (name == entry.key->name) return std::string("it belongs ") + section.place;
    return {};
}

std::string checkRule(const Rule& rule, BoundKey& value) {
    if (!rule.choices.empty()) return checkChoice(rule, value);
    int32_t type = value.declared->type;
    if (type != TP_KEY_INTEGER && type != TP_KEY_DURATION && type != TP_KEY_SIZE) return {};
    if (value.integer >= rule.least && value.integer <= rule.most) return {};
    return amount(type, value.integer) + " is not from " + amount(type, rule.least) + " to " +
           amount(type, rule.most);
}

}  // namespace turnpike::config
