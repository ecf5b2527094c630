#include "settings.h"

namespace turnpike::access {
namespace {

// Paths or Networks, whose add() says what is wrong with an item.
template <class Set>
Set readSet(const tp_host& host, const tp_setup& setup, const char* key) {
    const tp_str* items = nullptr;
    const size_t count = host.config_list(&setup, key, &items);
    Set set;
    for (size_t i = 0; i < count; ++i)
        if (const std::string wrong = set.add(text(items[i])); !wrong.empty()) throw Refused(key, wrong);
    return set;
}

}  // namespace

Settings::Settings(const tp_host& host, const tp_setup& setup)
    : paths(readSet<Paths>(host, setup, "paths")),
      allow(readSet<Networks>(host, setup, "allow")),
      deny(readSet<Networks>(host, setup, "deny")) {
    if (allow.isEmpty() && deny.isEmpty()) throw Refused("", "guards nothing: set `allow` or `deny`");
    if (deny.hasAll() && !allow.isEmpty())
        throw Refused("deny",
                      "\"all\" refuses everybody, also those of `allow`: leave it out, `allow` alone "
                      "refuses everybody else");
}

}  // namespace turnpike::access
