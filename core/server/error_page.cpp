#include "server/error_page.h"

#include <cstdio>

#include "http/response_head.h"

namespace turnpike::server {

std::string errorPage(unsigned status, uint64_t request_id, std::string_view advice) {
    char id[17];
    std::snprintf(id, sizeof id, "%016llx", static_cast<unsigned long long>(request_id));
    std::string title = std::to_string(status) + " " + std::string(http::reasonPhrase(status));
    return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + title +
           "</title>\n<style>body{font-family:sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}"
           "p{color:#666}</style></head>\n<body><h1>" +
           title + "</h1>\n" + (advice.empty() ? "" : "<p>" + std::string(advice) + "</p>\n") + "<p>Request " +
           id + "</p></body></html>\n";
}

}  // namespace turnpike::server
