// read_set.h - a list of the config as Paths or Networks, whose add() says what is wrong with an item. Throws
// Refused.
#pragma once
#include <string>

#include "sdk/plugin.hpp"

namespace turnpike::access {

template <class Set>
Set readSet(const tp_host& host, const tp_setup& setup, const char* key) {
    const tp_str* items = nullptr;
    const size_t count = host.config_list(&setup, key, &items);
    Set set;
    for (size_t i = 0; i < count; ++i)
        if (const std::string wrong = set.add(text(items[i])); !wrong.empty()) throw Refused(key, wrong);
    return set;
}

}  // namespace turnpike::access
