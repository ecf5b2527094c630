// apply.h - the keys of one place of the file, from raw values into the structure that they describe. Pure.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "config/bind.h"
#include "config/keys.h"

namespace turnpike::config {

/// Where a key name that is unknown at one place belongs: "it belongs in [limits]", or empty.
std::string belongsElsewhere(std::string_view name);

/// What is wrong with `value` by its rule, or empty; a choice's number goes to value.integer.
std::string checkRule(const Rule& rule, BoundKey& value);

/// `scope.where` names the place: "in [server]". Wrong values leave the default.
template <class T>
void apply(T& to, std::span<const Key<T>> keys, const BindScope& scope, const std::vector<RawKey>& given,
           const Machine& machine, std::vector<Problem>& problems) {
    std::vector<tp_key> declared;
    for (const Key<T>& key : keys) declared.push_back(key.declared);
    std::vector<BoundKey> bound = bindKeys(scope, given, declared.data(), declared.size(), problems);
    for (size_t i = 0; i < bound.size(); ++i) {
        std::string wrong = checkRule(keys[i].rule, bound[i]);
        if (wrong.empty()) wrong = keys[i].store(to, bound[i], machine);
        if (!wrong.empty())
            problems.push_back({bound[i].at, "\"" + std::string(keys[i].declared.name) + "\": " + wrong});
    }
}

}  // namespace turnpike::config
