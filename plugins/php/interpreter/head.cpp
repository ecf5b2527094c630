#include "head.h"

#include <http_status_codes.h>
#include <php.h>
#include <php_main.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "request.h"
#include "sapi.h"

namespace turnpike::php {
namespace {

constexpr std::string_view kStatus = "Status:", kContentType = "Content-Type:";

bool isNamed(const sapi_header_struct& header, std::string_view name) {
    return header.header_len > name.size() && strncasecmp(header.header, name.data(), name.size()) == 0;
}

template <typename Visit>
void eachHeader(sapi_headers_struct& headers, Visit visit) {
    zend_llist_position at;
    for (void* h = zend_llist_get_first_ex(&headers.headers, &at); h != nullptr;
         h = zend_llist_get_next_ex(&headers.headers, &at))
        visit(*static_cast<sapi_header_struct*>(h));
}

const char* reason(int code) {
    for (const auto& status : http_status_map)
        if (status.str != nullptr && status.code == code) return status.str;
    return nullptr;
}

/// The status as the script gave it with header("HTTP/1.1 404 Nothing here"): " 404 Nothing here".
const char* givenLine(const char* line) {
    if (line == nullptr || strncasecmp(line, "HTTP/", 5) != 0) return nullptr;
    const char* space = strchr(line, ' ');
    return space != nullptr && space - line >= 5 ? space : nullptr;
}

void putLine(Request& request, std::string_view line) {
    request.put(line);
    request.put("\r\n");
}

/// Returns the code that is sent. `has_status`: the script set a Status field of its own, which stands instead.
int putStatus(Request& request, bool has_status) {
    int code = SG(sapi_headers).http_response_code;
    if (code == 200) return code;
    char line[1024];
    if (const char* given = givenLine(SG(sapi_headers).http_status_line)) {
        snprintf(line, sizeof line, "Status:%s", given);
        code = atoi(given + 1);
    } else if (has_status) {
        return code;
    } else if (const char* text = reason(code)) {
        snprintf(line, sizeof line, "Status: %d %s", code, text);
    } else {
        snprintf(line, sizeof line, "Status: %d", code);
    }
    putLine(request, line);
    return code;
}

}  // namespace

int sendHead(sapi_headers_struct* headers) {
    Request* request = currentRequest();
    if (SG(request_info).no_headers || request == nullptr) return SAPI_HEADER_SENT_SUCCESSFULLY;
    bool has_status = false;
    eachHeader(*headers, [&](const sapi_header_struct& header) { has_status |= isNamed(header, kStatus); });
    bool status_given = givenLine(SG(sapi_headers).http_status_line) != nullptr;
    int sent = putStatus(*request, has_status);
    bool ignore_status = sent != 200 && (status_given || !has_status);
    eachHeader(*headers, [&](const sapi_header_struct& header) {
        if (header.header_len == 0) return;
        if (isNamed(header, kStatus)) {
            if (ignore_status) return;
            ignore_status = true;
        }
        if (sent == 304 && isNamed(header, kContentType)) return;
        putLine(*request, {header.header, header.header_len});
    });
    request->put("\r\n");
    return SAPI_HEADER_SENT_SUCCESSFULLY;
}

}  // namespace turnpike::php
