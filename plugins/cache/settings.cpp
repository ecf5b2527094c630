#include "settings.h"

#include <algorithm>

#include "store.h"

namespace turnpike::cache {
namespace {

struct Preset {
    std::string_view name;
    std::vector<std::string> personal, harmless, skip;
};

Preset presetOf(std::string_view name) {
    if (name.empty()) return {};
    if (name == "wordpress")
        return {"wordpress",
                {"wordpress_*", "wp-postpass_*", "wp-resetpass-*", "comment_author_*", "woocommerce_*",
                 "wp_woocommerce_session_*", "edd_*"},
                {"*"},
                {"/wp-admin/", "/wp-login.php", "/wp-cron.php", "/xmlrpc.php"}};
    if (name == "mediawiki")
        return {"mediawiki",
                {"*session", "*UserID", "*UserName", "*Token", "*LoggedOut", "UseDC", "UseCDNCache", "cpPosIndex"},
                {"*"},
                {}};
    throw Refused("preset", "\"" + std::string(name) + "\" is none of \"wordpress\" and \"mediawiki\"");
}

uint64_t number(const tp_host& host, const tp_setup& setup, const char* key) {
    return static_cast<uint64_t>(host.config_integer(&setup, key));
}

std::vector<std::string> list(const tp_host& host, const tp_setup& setup, const char* key,
                              std::vector<std::string> preset) {
    if (host.config_is_set(&setup, key) == 0) return preset;
    const tp_str* items = nullptr;
    const size_t count = host.config_list(&setup, key, &items);
    std::vector<std::string> all;
    for (size_t i = 0; i < count; ++i) all.emplace_back(text(items[i]));
    return all;
}

std::vector<std::string> patterns(const tp_host& host, const tp_setup& setup, const char* key,
                                  std::vector<std::string> preset) {
    auto all = list(host, setup, key, std::move(preset));
    for (const std::string& pattern : all)
        if (pattern.empty() || std::ranges::count(pattern, '*') > 1)
            throw Refused(key, "\"" + pattern + "\" must be a name, with one * at most");
    return all;
}

void checkObject(const char* key, uint64_t object, uint64_t size, const char* of) {
    if (object <= Store::mostOf(size)) return;
    throw Refused(key, "answers of " + std::to_string(object) + " bytes do not fit: of `" + std::string(of) +
                           "` = " + std::to_string(size) + " one may take " + std::to_string(Store::mostOf(size)));
}

}  // namespace

Settings::Settings(const tp_host& host, const tp_setup& setup)
    : memory(number(host, setup, "memory")),
      max_object(number(host, setup, "max_object")),
      disk(number(host, setup, "disk")),
      disk_object(number(host, setup, "disk_object")),
      lock_wait_ms(number(host, setup, "lock_wait")),
      request_control(host.config_integer(&setup, "request_control") != 0),
      purge_token(text(host.config_string(&setup, "purge_token"))) {
    defaults.lifetime_ms = host.config_integer(&setup, "default_ttl");
    defaults.while_revalidate_ms = host.config_integer(&setup, "stale_while_revalidate");
    defaults.if_error_ms = host.config_integer(&setup, "stale_if_error");
    Preset preset = presetOf(text(host.config_string(&setup, "preset")));
    cookies = Cookies(patterns(host, setup, "personal_cookies", std::move(preset.personal)),
                      patterns(host, setup, "harmless_cookies", std::move(preset.harmless)));
    skip_paths = list(host, setup, "skip_paths", std::move(preset.skip));
    if (std::ranges::any_of(skip_paths, [](const std::string& path) { return !path.starts_with('/'); }))
        throw Refused("skip_paths", "a path begins with /");
    checkObject("max_object", max_object, memory, "memory");
    if (disk > 0) checkObject("disk_object", disk_object, disk, "disk");
    if (!purge_token.empty() && purge_token.size() < 16)
        throw Refused("purge_token", "must have at least 16 characters: whoever guesses it empties the cache");
}

}  // namespace turnpike::cache
