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

constexpr std::string_view kStatus = "Status:", kContentType = "Content-Type:", kContentLength = "Content-Length:";

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

constexpr bool isInterim(int code) { return code >= 100 && code < 200; }

bool saysInterim(const sapi_header_struct& header) {
    return isNamed(header, kStatus) && isInterim(atoi(header.header + kStatus.size()));
}

/// An interim status is no answer: the worker would take the page for the head that must follow.
int putRefusal(Request& request) {
    request.log("PHP message: ", "an interim status cannot be the answer's: see headers_send()");
    putLine(request, "Status: 500 Internal Server Error");
    return 500;
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

bool sendInterim(int status) {
    Request* request = currentRequest();
    if (SG(request_info).no_headers || request == nullptr || !request->isOpen()) return false;
    const char* text = reason(status);
    char line[64];
    snprintf(line, sizeof line, "Status: %d %s", status, text != nullptr ? text : "");
    putLine(*request, line);
    eachHeader(SG(sapi_headers), [&](const sapi_header_struct& header) {
        // What tells of a body is for the head that has one.
        const bool is_of_the_page =
            isNamed(header, kStatus) || isNamed(header, kContentType) || isNamed(header, kContentLength);
        if (header.header_len > 0 && !is_of_the_page) putLine(*request, {header.header, header.header_len});
    });
    return request->put("\r\n") && request->flush();
}

int sendHead(sapi_headers_struct* headers) {
    Request* request = currentRequest();
    if (SG(request_info).no_headers || request == nullptr) return SAPI_HEADER_SENT_SUCCESSFULLY;
    bool has_status = false, is_interim = isInterim(SG(sapi_headers).http_response_code);
    eachHeader(*headers, [&](const sapi_header_struct& header) {
        has_status |= isNamed(header, kStatus);
        is_interim |= saysInterim(header);
    });
    bool status_given = is_interim || givenLine(SG(sapi_headers).http_status_line) != nullptr;
    int sent = is_interim ? putRefusal(*request) : putStatus(*request, has_status);
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
