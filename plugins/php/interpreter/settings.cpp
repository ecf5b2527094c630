#include "settings.h"

#include <SAPI.h>
#include <php.h>
#include <php_globals.h>
#include <php_ini.h>
#include <zend_ini_scanner.h>

#include <climits>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "request.h"

namespace turnpike::php {
namespace {

struct Cached {
    time_t expires;
    HashTable settings;
};
HashTable* g_folders = nullptr;  // path of a script's folder -> Cached*, for the life of the process

constexpr uint32_t kMaxFolders = 4096;

void freeCached(zval* value) {
    auto* cached = static_cast<Cached*>(Z_PTR_P(value));
    zend_hash_destroy(&cached->settings);
    free(cached);
}

HashTable& folders() {
    if (g_folders == nullptr) {
        g_folders = static_cast<HashTable*>(malloc(sizeof(HashTable)));
        zend_hash_init(g_folders, 0, nullptr, freeCached, 1);
    }
    if (zend_hash_num_elements(g_folders) >= kMaxFolders) zend_hash_clean(g_folders);
    return *g_folders;
}

Cached& cachedOf(std::string_view folder) {
    HashTable& all = folders();
    if (void* found = zend_hash_str_find_ptr(&all, folder.data(), folder.size()))
        return *static_cast<Cached*>(found);
    auto* fresh = static_cast<Cached*>(malloc(sizeof(Cached)));
    fresh->expires = 0;
    zend_hash_init(&fresh->settings, 0, nullptr, config_zval_dtor, 1);
    zend_hash_str_update_ptr(&all, folder.data(), folder.size(), fresh);
    return *fresh;
}

/// `folder` ends with a slash. Outside the root only the script's own folder counts.
void readFiles(Cached& cached, char* folder, std::string_view root) {
    zend_hash_clean(&cached.settings);
    std::string_view path = folder;
    bool inside = path.size() > root.size() && path.starts_with(root) && path[root.size()] == '/';
    if (!inside) {
        php_parse_user_ini_file(folder, PG(user_ini_filename), &cached.settings);
        return;
    }
    for (char* at = folder + root.size(); (at = strchr(at, '/')) != nullptr; ++at) {
        *at = '\0';
        php_parse_user_ini_file(folder, PG(user_ini_filename), &cached.settings);
        *at = '/';
    }
}

void activateUserFiles(Request& request, char* folder, size_t size) {
    const char* document_root = request.param("DOCUMENT_ROOT");
    if (document_root == nullptr || folder[0] != '/') return;
    std::string_view root = document_root;
    if (root.ends_with('/')) root.remove_suffix(1);
    Cached& cached = cachedOf({folder, size});
    auto now = static_cast<time_t>(sapi_get_request_time());
    if (now > cached.expires) {
        readFiles(cached, folder, root);
        cached.expires = now + static_cast<time_t>(PG(user_ini_cache_ttl));
    }
    php_ini_activate_config(&cached.settings, PHP_INI_PERDIR, PHP_INI_STAGE_HTACCESS);
}

void activateHost(Request& request) {
    const char* name = request.param("SERVER_NAME");
    char lower[256];
    size_t size = name == nullptr ? 0 : strlen(name);
    if (size == 0 || size >= sizeof lower) return;
    memcpy(lower, name, size + 1);
    zend_str_tolower(lower, size);
    php_ini_activate_per_host_config(lower, size);
}

void activateFolders(Request& request) {
    bool user_files = PG(user_ini_filename) != nullptr && *PG(user_ini_filename) != '\0';
    if (!user_files && php_ini_has_per_dir_config() == 0) return;
    std::string_view script = SG(request_info).path_translated;
    size_t slash = script.rfind('/');
    char folder[PATH_MAX];
    if (slash == std::string_view::npos || slash + 1 >= sizeof folder) return;
    memcpy(folder, script.data(), slash + 1);
    folder[slash + 1] = '\0';
    php_ini_activate_per_dir_config(folder, slash + 1);
    if (user_files) activateUserFiles(request, folder, slash + 1);
}

void onEntry(zval* name, zval* value, zval*, int kind, void* mode) {
    auto* request = static_cast<Request*>(SG(server_context));
    if (kind != ZEND_INI_PARSER_ENTRY || name == nullptr || value == nullptr || Z_STRLEN_P(name) == 0) {
        request->log("Passing INI directive through FastCGI: ", "only lines of the form name = value are taken");
        return;
    }
    int done = zend_alter_ini_entry_ex(Z_STR_P(name), Z_STR_P(value), *static_cast<int*>(mode),
                                       PHP_INI_STAGE_ACTIVATE, true);
    if (done == FAILURE) request->log("Passing INI directive through FastCGI: unable to set ", Z_STRVAL_P(name));
}

void activateParameter(Request& request, const char* name, int mode) {
    const char* given = request.param(name);
    if (given == nullptr) return;
    char* text = nullptr;
    spprintf(&text, 0, "%s\n", given);
    zend_parse_ini_string(text, true, ZEND_INI_SCANNER_NORMAL, onEntry, &mode);
    efree(text);
}

}  // namespace

void activateSettings(Request& request) {
    activateParameter(request, "PHP_VALUE", ZEND_INI_USER);
    activateParameter(request, "PHP_ADMIN_VALUE", ZEND_INI_SYSTEM);
    if (SG(request_info).path_translated == nullptr) return;
    if (php_ini_has_per_host_config() != 0) activateHost(request);
    activateFolders(request);
}

}  // namespace turnpike::php
