// http_bench - what one request costs in this layer, in nanoseconds: build with the release preset and run it by
// hand.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "http/request_head.h"
#include "http/response_head.h"

namespace {

using namespace turnpike::http;

constexpr std::string_view kBrowser =
    "GET /blog/2024/05/a-page.html?utm=x HTTP/1.1\r\nHost: www.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Encoding: gzip, deflate, br\r\nConnection: keep-alive\r\n\r\n";
constexpr std::string_view kShort = "GET /1k HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";

/// The best of several rounds: what disturbs a round only makes it longer.
template <typename Work>
void report(const char* name, Work work) {
    constexpr int kRounds = 15, kCalls = 50000;
    double best = 1e9;
    for (int round = 0; round < kRounds; ++round) {
        const auto begin = std::chrono::steady_clock::now();
        for (int i = 0; i < kCalls; ++i) work();
        const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
        best = std::min(best, spent.count() / kCalls);
    }
    std::printf("%-34s %7.1f ns\n", name, best);
}

void reportHead(const char* name, std::string_view text) {
    char buffer[1024];
    tp_field fields[100];
    RequestHead head;
    head.fields = fields;
    report(name, [&] {
        // A request comes with its own letter case each time.
        std::memcpy(buffer, text.data(), text.size());
        const HeadResult result = parseRequestHead(buffer, text.size(), 0, HeadLimits{}, head);
        if (result.state != Parse::Complete) std::abort();
        asm volatile("" : : "r"(&head) : "memory");
    });
}

void reportPath(const char* name, std::string_view path) {
    char buffer[1024];
    report(name, [&] {
        asm volatile("" : "+r"(path) : : "memory");
        if (normalisePath(path, buffer).status != 0) std::abort();
    });
}

void reportResponse() {
    char buffer[1024];
    const tp_field fields[] = {{{"Content-Type", 12}, {"text/html; charset=utf-8", 24}},
                               {{"ETag", 4}, {"\"65f0c2-400\"", 12}},
                               {{"Last-Modified", 13}, {"Sun, 06 Nov 1994 08:49:37 GMT", 29}}};
    ResponseHead head{.fields = fields,
                      .field_count = 3,
                      .length = 1024,
                      .date = "Sun, 06 Nov 1994 08:49:37 GMT",
                      .server = "Turnpike"};
    report("response head, 3 fields", [&] {
        asm volatile("" : : "r"(&head) : "memory");
        if (responseHeadSize(head) > sizeof buffer) std::abort();
        writeResponseHead(head, buffer);
        asm volatile("" : : "r"(buffer) : "memory");
    });
    report("3 fields checked", [&] {
        for (const tp_field& f : fields) {
            const std::string_view name(f.name.ptr, f.name.len), value(f.value.ptr, f.value.len);
            if (!isValidField(name, value) || isFramingField(name)) std::abort();
        }
        asm volatile("" : : : "memory");
    });
}

}  // namespace

int main() {
    reportHead("request head, browser, 5 fields", kBrowser);
    reportHead("request head, load generator", kShort);
    reportPath("path, plain", "/blog/2024/05/a-page.html");
    reportPath("path, escapes and dot segments", "/blog/./2024/../%C3%BCber%20uns.html");
    reportResponse();
    return 0;
}
