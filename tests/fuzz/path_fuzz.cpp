// A normal path never leaves the root, holds no dot segment, no empty segment, no NUL, and is its own normal form.
#include <string>

#include "fuzz.h"
#include "http/request_head.h"

namespace {

using turnpike::http::normalisePath;
using turnpike::http::PathResult;

std::string normal(std::string_view raw, unsigned& status) {
    std::string to(raw.size(), '\0');
    const PathResult result = normalisePath(raw, to.data());
    status = result.status;
    FUZZ_EXPECT(status == 0 || status == 400);
    FUZZ_EXPECT(result.size <= raw.size());
    return to.substr(0, result.size);
}

void expectSegments(std::string_view path) {
    FUZZ_EXPECT(path.front() == '/');
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        FUZZ_EXPECT(segment != "." && segment != "..");
        FUZZ_EXPECT(!segment.empty() || path.empty());
    }
}

/// The path as it would be asked for again: only '%' has to be escaped.
std::string escaped(std::string_view path) {
    std::string text;
    for (char c : path) c == '%' ? text.append("%25") : text.append(1, c);
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    unsigned status = 0;
    const std::string path = normal(turnpike::fuzz::text(data, size), status);
    if (status != 0) return 0;
    expectSegments(path);
    for (char c : path) FUZZ_EXPECT(static_cast<uint8_t>(c) >= 0x20 && c != 0x7f && c != '\\');
    FUZZ_EXPECT(normal(escaped(path), status) == path && status == 0);
    return 0;
}
