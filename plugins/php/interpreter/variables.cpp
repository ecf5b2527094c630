#include "variables.h"

#include <SAPI.h>
#include <php_globals.h>
#include <php_variables.h>

#include <cstring>

#include "functions.h"
#include "request.h"
#include "sapi.h"

namespace turnpike::php {
namespace {

void (*g_import_environment)(zval* array) = nullptr;

zval* tracked(int which) { return &PG(http_globals)[which]; }

/// PHP may have the same variables in $_SERVER and $_ENV: then the second is a copy of the first.
bool copyFrom(int which, zval* array) {
    zval* from = tracked(which);
    if (Z_TYPE_P(from) != IS_ARRAY || Z_ARR_P(array) == Z_ARR_P(from) ||
        zend_hash_num_elements(Z_ARR_P(from)) == 0)
        return false;
    zend_array_destroy(Z_ARR_P(array));
    Z_ARR_P(array) = zend_array_dup(Z_ARR_P(from));
    return true;
}

void registerFiltered(unsigned kind, const char* name, char* value, size_t size, zval* array) {
    size_t filtered = size;
    if (sapi_module.input_filter(static_cast<int>(kind), name, &value, size, &filtered) != 0)
        php_register_variable_safe(name, value, filtered, array);
}

// The last comes first, as PHP-FPM has it.
template <typename Register>
void eachParameter(Register take) {
    Request* request = currentRequest();
    if (request == nullptr) return;
    const auto& entries = request->params().entries();
    for (size_t i = entries.size(); i-- > 0;) take(entries[i]);
}

void importAll(zval* array) {
    if (copyFrom(TRACK_VARS_ENV, array) || copyFrom(TRACK_VARS_SERVER, array)) return;
    g_import_environment(array);
    zval* env = tracked(TRACK_VARS_ENV);
    bool is_env = Z_TYPE_P(env) == IS_ARRAY && Z_ARR_P(array) == Z_ARR_P(env);
    eachParameter([&](const Params::Entry& entry) {
        registerFiltered(is_env ? PARSE_ENV : PARSE_SERVER, entry.name.data(), entry.value, entry.size, array);
    });
}

void loadAll(zval* array) {
    g_import_environment(array);
    eachParameter([&](const Params::Entry& entry) {
        php_register_variable_safe(entry.name.data(), entry.value, entry.size, array);
    });
}

}  // namespace

void importParameters() {
    g_import_environment = php_import_environment_variables;
    php_import_environment_variables = importAll;
    php_load_environment_variables = loadAll;
}

void registerVariables(zval* variables) {
    php_import_environment_variables(variables);
    const char* name = SG(request_info).request_uri == nullptr ? "" : SG(request_info).request_uri;
    Request* request = currentRequest();
    const char* path_info = request == nullptr || !fixesPathInfo() ? nullptr : request->param("PATH_INFO");
    size_t name_size = strlen(name), info_size = path_info == nullptr ? 0 : strlen(path_info);
    auto* self = static_cast<char*>(emalloc(name_size + info_size + 1));
    memcpy(self, name, name_size);
    if (info_size > 0) memcpy(self + name_size, path_info, info_size);
    self[name_size + info_size] = '\0';
    registerFiltered(PARSE_SERVER, "PHP_SELF", self, name_size + info_size, variables);
    efree(self);
}

}  // namespace turnpike::php
