#include "sapi.h"

#include <SAPI.h>
#include <php.h>
#include <php_ini.h>
#include <php_main.h>
#include <php_variables.h>
#include <zend_signal.h>

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

#include "functions.h"
#include "head.h"
#include "request.h"
#include "settings.h"
#include "variables.h"

namespace turnpike::php {
namespace {

constexpr const char* kScanVariable = "PHP_INI_SCAN_DIR";

std::string g_ini_file, g_ini_entries;  // PHP keeps pointers to them

// As PHP's own -d: a value that is neither a number, a word nor quoted is quoted.
std::string iniEntries(const std::vector<std::string>& pairs) {
    std::string entries;
    for (const std::string& pair : pairs) {
        size_t equals = pair.find('=');
        if (equals == std::string::npos) {
            entries += pair + "=1\n";
            continue;
        }
        std::string value = pair.substr(equals + 1);
        bool plain = value.empty() || isalnum(static_cast<unsigned char>(value[0])) != 0 || value[0] == '"' ||
                     value[0] == '\'' || value[0] == '-';
        entries += pair.substr(0, equals + 1) + (plain ? value : '"' + value + '"') + '\n';
    }
    return entries;
}

int startModule(sapi_module_struct* module) {
#if PHP_VERSION_ID >= 80200
    return php_module_startup(module, moduleEntry());
#else
    return php_module_startup(module, moduleEntry(), 1);
#endif
}

int onActivate() {
    if (Request* request = currentRequest()) activateSettings(*request);
    return SUCCESS;
}

// The answer leaves here and not after the whole of php_request_shutdown(): the client need not wait for PHP to
// tidy its memory.
int onDeactivate() {
    Request* request = currentRequest();
    if (request == nullptr || !SG(sapi_started)) return SUCCESS;
    request->notePeak(zend_memory_peak_usage(true));
    request->end(static_cast<uint32_t>(EG(exit_status)));
    return SUCCESS;
}

size_t onWrite(const char* data, size_t size) {
    Request* request = currentRequest();
    if (request == nullptr) {
        logLine("", {data, size});
        return size;
    }
    if (!request->put({data, size})) php_handle_aborted_connection();
    return size;
}

void onFlush(void* context) {
    auto* request = static_cast<Request*>(context);
    if (request == nullptr) return;
    sapi_send_headers();
    if (!request->flush()) php_handle_aborted_connection();
}

char* onGetenv(const char* name, size_t size) {
    Request* request = currentRequest();
    return request == nullptr ? getenv(name) : request->params().find({name, size});
}

size_t onReadPost(char* to, size_t size) {
    Request* request = currentRequest();
    auto left = static_cast<size_t>(SG(request_info).content_length - SG(read_post_bytes));
    return request == nullptr ? 0 : request->readBody(to, size < left ? size : left);
}

char* onReadCookies() {
    Request* request = currentRequest();
    return request == nullptr ? nullptr : request->params().find("HTTP_COOKIE");
}

void onLog(const char* message, int) {
    if (Request* request = currentRequest()) {
        request->log("PHP message: ", message);
    } else {
        logLine("PHP message: ", message);
    }
}

void onRegisterVariables(zval* variables) { registerVariables(variables); }

sapi_module_struct g_module = {};

void describeModule() {
    static char name[] = "fpm-fcgi";  // OPcache serves only names on its list, and applications ask for this one
    static char pretty[] = "FPM/FastCGI";
    g_module.name = name;
    g_module.pretty_name = pretty;
    g_module.startup = startModule;
    g_module.shutdown = php_module_shutdown_wrapper;
    g_module.activate = onActivate;
    g_module.deactivate = onDeactivate;
    g_module.ub_write = onWrite;
    g_module.flush = onFlush;
    g_module.getenv = onGetenv;
    g_module.sapi_error = php_error;
    g_module.send_headers = sendHead;
    g_module.read_post = onReadPost;
    g_module.read_cookies = onReadCookies;
    g_module.register_server_variables = onRegisterVariables;
    g_module.log_message = onLog;
    g_module.php_ini_ignore_cwd = 1;
}

/// What the distribution has for PHP-FPM; empty: nothing.
std::string ofFpm(const char* name) {
    std::string path = "/etc/php/" + std::to_string(PHP_MAJOR_VERSION) + '.' + std::to_string(PHP_MINOR_VERSION);
    path += std::string("/fpm/") + name;
    return access(path.c_str(), R_OK) == 0 ? path : "";
}

int (*g_register_extensions)() = nullptr;  // PHP's own

/// PHP-FPM is built without pcntl: a script that forks would leave two processes on one connection. All of it
/// goes, before PHP starts what it has registered: applications ask extension_loaded() and then call.
int registerExtensions() {
    constexpr std::string_view kName = "pcntl";
    const int registered = g_register_extensions();
    void* found = zend_hash_str_find_ptr(&module_registry, kName.data(), kName.size());
    if (found == nullptr) return registered;
    zend_unregister_functions(static_cast<zend_module_entry*>(found)->functions, -1, nullptr);
    zend_hash_str_del(&module_registry, kName.data(), kName.size());
    return registered;
}

void leaveOutProcessControl() {
    g_register_extensions = php_register_internal_extensions_func;
    php_register_internal_extensions_func = registerExtensions;
}

}  // namespace

Request* currentRequest() { return static_cast<Request*>(SG(server_context)); }

bool startPhp(const PhpSettings& settings) {
    zend_signal_startup();
    describeModule();
    leaveOutProcessControl();
    sapi_startup(&g_module);
    g_ini_file = settings.ini_file.empty() ? ofFpm("php.ini") : settings.ini_file;
    g_ini_entries = iniEntries(settings.ini);
    if (!g_ini_file.empty()) g_module.php_ini_path_override = g_ini_file.data();
    g_module.ini_entries = g_ini_entries.data();
    std::string scan = settings.ini_scan_dir.empty() ? ofFpm("conf.d") : settings.ini_scan_dir;
    bool was_set = getenv(kScanVariable) != nullptr;
    if (!scan.empty() && (!was_set || !settings.ini_scan_dir.empty())) setenv(kScanVariable, scan.c_str(), 1);
    bool started = g_module.startup(&g_module) == SUCCESS;
    if (!was_set) unsetenv(kScanVariable);
    if (started) zend_disable_functions("chroot");  // as pcntl: PHP-FPM has it not
    return started;
}

void adoptPhp() {
#if PHP_VERSION_ID >= 80300
    php_child_init();
#endif
    importParameters();
}

void endPhp() {
    SG(server_context) = nullptr;
    php_module_shutdown();
}

}  // namespace turnpike::php
