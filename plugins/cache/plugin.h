// plugin.h - one use of the plugin in the config, and what it declares.
#pragma once
#include "sdk/plugin.hpp"
#include "settings.h"

namespace turnpike::cache {

class Worker;

struct Cache {
    static constexpr const char *name = "cache", *version = "1.0";
    static constexpr const char* summary = "keeps answers for the next visitors";
    static constexpr const auto& keys = kKeys;
    using Worker = cache::Worker;

    Cache(const tp_host& host, tp_setup& setup);

    const tp_host& host;
    const tp_shared_service& shared;
    const tp_request_service& requests;
    const tp_response_service& responses;
    const tp_background_service* const background;  // null: this server has none
    const Settings settings;
    tp_shared *memory = nullptr, *disk = nullptr;
};

}  // namespace turnpike::cache
