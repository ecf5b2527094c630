#include "functions.h"

#include <SAPI.h>
#include <php_ini.h>
#include <php_main.h>
#include <php_output.h>
#include <ext/standard/info.h>

#include "head.h"
#include "request.h"
#include "sapi.h"
#include "status.h"

using turnpike::php::currentRequest;
using turnpike::php::describePool;
using turnpike::php::Request;
using turnpike::php::sendInterim;

ZEND_BEGIN_MODULE_GLOBALS(turnpike)
bool fix_pathinfo;
ZEND_END_MODULE_GLOBALS(turnpike)
static zend_turnpike_globals turnpike_globals;

PHP_FUNCTION(fastcgi_finish_request) {
    ZEND_PARSE_PARAMETERS_NONE();
    Request* request = currentRequest();
    if (request == nullptr || !request->isOpen()) RETURN_FALSE;
    php_output_end_all();
    sapi_send_headers();
    RETURN_BOOL(request->endEarly(0));
}

PHP_FUNCTION(headers_send) {
    zend_long status = 200;
    ZEND_PARSE_PARAMETERS_START(0, 1)
    Z_PARAM_OPTIONAL
    Z_PARAM_LONG(status)
    ZEND_PARSE_PARAMETERS_END();
    if (status < 102 || status > 599) {
        zend_argument_value_error(1, "must be a status from 102 to 599");
        RETURN_THROWS();
    }
    if (status >= 200) {
        sapi_header_op(SAPI_HEADER_SET_STATUS, reinterpret_cast<void*>(static_cast<intptr_t>(status)));
        const int result = sapi_send_headers();
        sapi_flush();
        RETURN_LONG(result);
    }
    if (SG(headers_sent)) {
        php_error_docref(nullptr, E_WARNING, "the headers of the answer have been sent already");
        RETURN_LONG(SAPI_HEADER_SEND_FAILED);
    }
    RETURN_LONG(sendInterim(static_cast<int>(status)) ? SAPI_HEADER_SENT_SUCCESSFULLY : SAPI_HEADER_SEND_FAILED);
}

PHP_FUNCTION(apache_request_headers) {
    ZEND_PARSE_PARAMETERS_NONE();
    array_init(return_value);
    Request* request = currentRequest();
    if (request == nullptr) return;
    const auto& entries = request->params().entries();
    for (size_t i = entries.size(); i-- > 0;)
        sapi_add_request_header(entries[i].name.data(), static_cast<unsigned>(entries[i].name.size()),
                                entries[i].value, static_cast<unsigned>(entries[i].size), return_value);
}

PHP_FUNCTION(fpm_get_status) {
    ZEND_PARSE_PARAMETERS_NONE();
    if (!describePool(return_value)) RETURN_FALSE;
}

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_fastcgi_finish_request, 0, 0, _IS_BOOL, 0)
ZEND_END_ARG_INFO()
ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_headers_send, 0, 0, IS_LONG, 0)
ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, status, IS_LONG, 0, "200")
ZEND_END_ARG_INFO()
ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_apache_request_headers, 0, 0, IS_ARRAY, 0)
ZEND_END_ARG_INFO()
ZEND_BEGIN_ARG_WITH_RETURN_TYPE_MASK_EX(arginfo_fpm_get_status, 0, 0, MAY_BE_ARRAY | MAY_BE_FALSE)
ZEND_END_ARG_INFO()

// clang-format off
static const zend_function_entry kFunctions[] = {
    PHP_FE(fastcgi_finish_request, arginfo_fastcgi_finish_request)
    PHP_FE(headers_send, arginfo_headers_send)
    PHP_FE(apache_request_headers, arginfo_apache_request_headers)
    PHP_FALIAS(getallheaders, apache_request_headers, arginfo_apache_request_headers)
    PHP_FE(fpm_get_status, arginfo_fpm_get_status)
    PHP_FE_END
};
// clang-format on

PHP_INI_BEGIN()
STD_PHP_INI_BOOLEAN("cgi.fix_pathinfo", "1", PHP_INI_SYSTEM, OnUpdateBool, fix_pathinfo, zend_turnpike_globals,
                    turnpike_globals)
PHP_INI_END()

static PHP_MINIT_FUNCTION(turnpike) {
    REGISTER_INI_ENTRIES();
    return SUCCESS;
}

static PHP_MSHUTDOWN_FUNCTION(turnpike) {
    UNREGISTER_INI_ENTRIES();
    return SUCCESS;
}

static PHP_MINFO_FUNCTION(turnpike) {
    php_info_print_table_start();
    php_info_print_table_row(2, "turnpike-php", "active");
    php_info_print_table_end();
    DISPLAY_INI_ENTRIES();
}

// The name is what extension_loaded() knows PHP-FPM's own part by.
static zend_module_entry g_entry = {STANDARD_MODULE_HEADER,
                                    "cgi-fcgi",
                                    kFunctions,
                                    PHP_MINIT(turnpike),
                                    PHP_MSHUTDOWN(turnpike),
                                    nullptr,
                                    nullptr,
                                    PHP_MINFO(turnpike),
                                    PHP_VERSION,
                                    STANDARD_MODULE_PROPERTIES};

namespace turnpike::php {

zend_module_entry* moduleEntry() { return &g_entry; }

bool fixesPathInfo() { return turnpike_globals.fix_pathinfo; }

}  // namespace turnpike::php
