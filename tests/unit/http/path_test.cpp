#include <gtest/gtest.h>

#include <string>

#include "http/request_head.h"

namespace turnpike::http {
namespace {

/// The normal form of a path, or "400".
std::string normalise(std::string_view raw) {
    std::string to(raw.size(), '?');
    const PathResult result = normalisePath(raw, to.data());
    if (result.status != 0) return std::to_string(result.status);
    return to.substr(0, result.size);
}

TEST(NormalisePath, RemovesDotSegmentsAndDoubledSlashes) {
    const std::pair<const char*, const char*> cases[] = {
        {"/", "/"},
        {"/a", "/a"},
        {"/a/", "/a/"},
        {"//", "/"},
        {"//a///b//", "/a/b/"},
        {"/.", "/"},
        {"/./", "/"},
        {"/./a/./b/.", "/a/b/"},
        {"/a/..", "/"},
        {"/a/../", "/"},
        {"/a/../b", "/b"},
        {"/a/b/..", "/a/"},
        {"/a/b/../../c", "/c"},
        {"/a//../b", "/b"},
        {"/a/./../b", "/b"},
        {"/...", "/..."},
        {"/..a", "/..a"},
        {"/a..", "/a.."},
        {"/.a/..b/c.", "/.a/..b/c."},
        {"/.well-known/x", "/.well-known/x"},
        {"/..;/a", "/..;/a"},
        {"/a/..;/b", "/a/..;/b"},
    };
    for (const auto& [raw, path] : cases) EXPECT_EQ(normalise(raw), path) << raw;
}

TEST(NormalisePath, DecodesOnce) {
    const std::pair<const char*, const char*> cases[] = {{"/%61%2D%7e", "/a-~"},
                                                         {"/a%20b", "/a b"},
                                                         {"/a%3Fb%23", "/a?b#"},
                                                         {"/%252e%252e/", "/%2e%2e/"},
                                                         {"/%25", "/%"},
                                                         {"/%2e", "/"},
                                                         {"/a/%2E%2e/b", "/b"},
                                                         {"/a/.%2e", "/"},
                                                         {"/%e2%82%ac", "/\u20ac"},
                                                         {"/\u00fc/%C3%BC", "/\u00fc/\u00fc"},
                                                         {"/%F0%9F%98%80", "/\U0001F600"},
                                                         {"/%f4%8f%bf%bf", "/\U0010ffff"}};
    for (const auto& [raw, path] : cases) EXPECT_EQ(normalise(raw), path) << raw;
}

TEST(NormalisePath, RefusesToLeaveTheRoot) {
    for (const char* raw :
         {"/..", "/../", "/../etc/passwd", "/a/../..", "/a/../../b", "/%2e%2e/etc/passwd", "/.%2e/x", "/%2E./x",
          "//..", "/./..", "/a//../..", "/a/../../../../../../etc/passwd"}) {
        EXPECT_EQ(normalise(raw), "400") << raw;
    }
}

TEST(NormalisePath, RefusesBadEscapes) {
    for (const char* raw :
         {"/%", "/%2", "/%zz", "/%g1", "/%1g", "/%%20", "/% 1", "/%u0041", "/a%", "/%+1", "/%-1"}) {
        EXPECT_EQ(normalise(raw), "400") << raw;
    }
}

TEST(NormalisePath, RefusesHiddenStructureAndControlBytes) {
    for (const char* raw : {"/%00", "/a%00.php", "/%0a", "/%0d%0a", "/%01", "/%1f", "/%7f", "/%2f", "/%2F..",
                            "/..%2f", "/%5c", "/..%5C", "/\\", "/..\\..", "/a\x01", "/a\tb", "/\x7f"}) {
        EXPECT_EQ(normalise(raw), "400") << raw;
    }
    EXPECT_EQ(normalise(std::string_view("/a\0b", 4)), "400");
}

TEST(NormalisePath, RefusesWhatIsNotUtf8) {
    for (const char* raw : {"/%80",          "/%c0%ae%c0%ae/", "/%c1%81",    "/%e0%80%af",    "/%e0%9f%bf",
                            "/%f0%80%80%af", "/%f0%8f%bf%bf",  "/%ed%a0%80", "/%f4%90%80%80", "/%f5%80%80%80",
                            "/%ff",          "/%fe",           "/%c3",       "/%c3/%a9",      "/%e2%82",
                            "/%e2%82x",      "/%f0%9f%98",     "/\xe9",      "/\xc0\xaf",     "/%bf%bf"}) {
        EXPECT_EQ(normalise(raw), "400") << raw;
    }
}

TEST(NormalisePath, RefusesWhatIsNoPath) {
    for (const char* raw : {"", "a", "*", "./", "%2f", "http://a/"}) EXPECT_EQ(normalise(raw), "400") << raw;
}

}  // namespace
}  // namespace turnpike::http
