#include "script.h"

#include <SAPI.h>
#include <fopen_wrappers.h>
#include <php.h>
#include <php_main.h>
#include <zend_signal.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "request.h"

namespace turnpike::php {
namespace {

/// Some servers let ".." slip through.
bool climbs(std::string_view path) {
    for (size_t at = 0; (at = path.find("..", at)) != std::string_view::npos; ++at) {
        bool begins = at == 0 || path[at - 1] == '/';
        bool ends = at + 2 == path.size() || path[at + 2] == '/';
        if (begins && ends) return true;
    }
    return false;
}

void describe(Request& request) {
    Params& params = request.params();
    sapi_request_info& info = SG(request_info);
    info.path_translated = nullptr;
    info.request_method = params.find("REQUEST_METHOD");
    info.proto_num = 1000;
    info.query_string = nullptr;
    info.request_uri = nullptr;
    info.content_type = nullptr;
    info.content_length = 0;
    SG(sapi_headers).http_response_code = 200;
    EG(exit_status) = 0;
    const char* script = params.find("SCRIPT_FILENAME");
    if (script == nullptr) return;
    if (*script != '\0' && !climbs(script)) info.path_translated = estrdup(script);
    info.request_uri = params.find("SCRIPT_NAME");
    info.query_string = params.find("QUERY_STRING");
    const char* type = params.find("CONTENT_TYPE");
    info.content_type = type == nullptr ? "" : type;
    const char* length = params.find("CONTENT_LENGTH");
    long long bytes = length == nullptr ? 0 : atoll(length);
    info.content_length = bytes < 0 ? 0 : static_cast<zend_long>(bytes);
    php_handle_auth_data(params.find("HTTP_AUTHORIZATION"));
}

void refuse(Request& request, int status, const char* text, const char* why, const char* script) {
    zend_try {
        char line[1024];
        snprintf(line, sizeof line, "%s: %s", why, script);
        request.log("", line);
        SG(sapi_headers).http_response_code = status;
        PUTS(text);
    }
    zend_end_try();
}

void refuseUnopened(Request& request, int error) {
    const char* script = request.param("SCRIPT_FILENAME");
    if (script == nullptr) script = "no SCRIPT_FILENAME";
    if (error == EACCES) {
        refuse(request, 403, "Access denied.\n", "Unable to open primary script, permission denied", script);
    } else if (error == ENOENT) {
        refuse(request, 404, "File not found.\n", "Primary script unknown", script);
    } else {  // open_basedir: EPERM
        refuse(request, 404, "No input file specified.\n", "Unable to open primary script", script);
    }
}

/// If it cannot be entered, the script runs where it is, as with PHP-FPM.
void enterFolder(std::string_view script) {
    size_t slash = script.rfind('/');
    char folder[PATH_MAX];
    if (slash == std::string_view::npos || slash + 1 >= sizeof folder) return;
    memcpy(folder, script.data(), slash + 1);
    folder[slash + 1] = '\0';
    php_ignore_value(VCWD_CHDIR(folder));
}

void execute(Request& request) {
    if (SG(request_info).request_method == nullptr) return;
    if (SG(request_info).path_translated == nullptr) return refuseUnopened(request, ENOENT);
    zend_file_handle file;
    memset(&file, 0, sizeof file);
    errno = 0;
    if (php_fopen_primary_script(&file) == FAILURE) {
        refuseUnopened(request, errno);
    } else {
        if ((SG(options) & SAPI_OPTION_NO_CHDIR) != 0) enterFolder(SG(request_info).path_translated);
        php_execute_script(&file);
    }
    // OPcache leaves it out of the list of what PHP closes itself when it had the script already.
    if (!file.in_list) zend_destroy_file_handle(&file);
}

}  // namespace

void stayInFolders() { SG(options) |= SAPI_OPTION_NO_CHDIR; }

bool answer(Request& request) {
    SG(server_context) = &request;
    describe(request);
    if (php_request_startup() == FAILURE) {
        request.end(255);
        SG(server_context) = nullptr;
        return false;
    }
#ifdef ZEND_SIGNALS
    SIGG(reset) =
        false;  // the first request set the handlers, and nothing here replaces them: 7 system calls saved
#endif
    execute(request);
    if (SG(request_info).path_translated != nullptr) {
        efree(SG(request_info).path_translated);
        SG(request_info).path_translated = nullptr;
    }
    php_request_shutdown(nullptr);
    SG(server_context) = nullptr;
    request.end(255);  // PHP has ended it already, unless its shutdown was cut short
    return true;
}

}  // namespace turnpike::php
