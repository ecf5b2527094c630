#include "sdk/support/escape.h"

#include <gtest/gtest.h>

namespace turnpike::support {
namespace {

template <class F>
std::string made(F append, std::string_view text) {
    std::string out;
    append(out, text);
    return out;
}

}  // namespace

TEST(Escape, LeavesNoMarkupInHtml) {
    EXPECT_EQ(made(appendHtml, "<a href=\"x\" b='y'>&amp;</a>"),
              "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
}

TEST(Escape, KeepsPlainTextInHtml) {
    EXPECT_EQ(made(appendHtml, "gr\xc3\xbc\xc3\x9f dich"), "gr\xc3\xbc\xc3\x9f dich");
}

TEST(Escape, EncodesEverythingButUnreservedInASegment) {
    std::string kept;
    for (int c = 0; c < 256; ++c) {
        const char byte = static_cast<char>(c);
        if (made(appendSegment, {&byte, 1}).size() == 1) kept += byte;
    }
    EXPECT_EQ(kept, "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");
    EXPECT_EQ(made(appendSegment, "a b/c:d%\xc3\xbc?#"), "a%20b%2Fc%3Ad%25%C3%BC%3F%23");
}

TEST(Escape, KeepsSlashesOfAPath) { EXPECT_EQ(made(appendPath, "/a b/?"), "/a%20b/%3F"); }

}  // namespace turnpike::support
