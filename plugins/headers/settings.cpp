#include "settings.h"

#include <algorithm>
#include <utility>

namespace turnpike::headers {
namespace {

using Check = void (*)(const char* key, std::string_view name, std::string_view value);

std::vector<Field> fieldsOf(const tp_host& host, const tp_setup& setup, const char* key,
                            Check check = checkField) {
    const tp_field* items = nullptr;
    const size_t count = host.config_map(&setup, key, &items);
    std::vector<Field> fields;
    for (size_t i = 0; i < count; ++i) {
        Field field{std::string(text(items[i].name)), std::string(text(items[i].value))};
        check(key, field.name, field.value);
        auto isSame = [&field](const Field& other) { return isSameName(other.name, field.name); };
        // To TOML they are two keys when their case differs.
        if (std::ranges::any_of(fields, isSame)) throw Refused(key, quoted(field.name) + " stands there twice");
        fields.push_back(std::move(field));
    }
    return fields;
}

std::vector<std::string> namesOf(const tp_host& host, const tp_setup& setup, const char* key) {
    const tp_str* items = nullptr;
    const size_t count = host.config_list(&setup, key, &items);
    std::vector<std::string> names;
    for (size_t i = 0; i < count; ++i) {
        checkName(key, text(items[i]));
        names.emplace_back(text(items[i]));
    }
    return names;
}

/// Vary goes to `merge`: another plugin may have named the same field already.
void readLines(const tp_host& host, const tp_setup& setup, const char* key, std::vector<Field>& add,
               std::vector<Field>& merge) {
    const tp_str* items = nullptr;
    const size_t count = host.config_list(&setup, key, &items);
    for (size_t i = 0; i < count; ++i) {
        Field field = parseLine(key, text(items[i]));
        (isSameName(field.name, "vary") ? merge : add).push_back(std::move(field));
    }
}

void addSecurity(std::vector<Field>& defaults) {
    defaults.push_back({"X-Content-Type-Options", "nosniff"});
    defaults.push_back({"X-Frame-Options", "SAMEORIGIN"});
    defaults.push_back({"Referrer-Policy", "strict-origin-when-cross-origin"});
}

}  // namespace

Settings::Settings(const tp_host& host, const tp_setup& setup)
    : remove(namesOf(host, setup, "remove")),
      set(fieldsOf(host, setup, "set")),
      defaults(fieldsOf(host, setup, "default")),
      merge(fieldsOf(host, setup, "merge", checkListField)),
      condition(host, setup) {
    readLines(host, setup, "add", add, merge);
    if (host.config_integer(&setup, "security") != 0) addSecurity(defaults);
    if (remove.empty() && set.empty() && defaults.empty() && merge.empty() && add.empty())
        throw Refused("", "changes nothing: give it `set`, `default`, `merge`, `add`, `remove` or `security`");
}

}  // namespace turnpike::headers
