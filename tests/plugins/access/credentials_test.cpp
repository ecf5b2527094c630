#include "access/credentials.h"

#include <gtest/gtest.h>

#include "base64.h"

namespace turnpike::access {
namespace {

TEST(BasicCredentials, AreNameAndPassword) {
    for (const std::string pair : {"Aladdin:open sesame", "a:", ":b", "a:b:c", "\xc3\xa4:\xe2\x82\xac"}) {
        const auto read = parseBasic("Basic " + base64(pair));
        ASSERT_TRUE(read) << pair;
        const size_t colon = pair.find(':');
        EXPECT_EQ(read->name(), pair.substr(0, colon));
        EXPECT_EQ(read->password(), pair.substr(colon + 1));
    }
    EXPECT_EQ(parseBasic("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")->name(), "Aladdin");  // RFC 7617 section 2
    EXPECT_TRUE(parseBasic("bAsIc   YTpi"));
}

TEST(BasicCredentials, AreNothingElse) {
    for (const char* value :
         {"", "Basic", "Basic ", "YTpi", "Bearer YTpi", "Digest username=\"a\"", "Basic YTpi,", "Basic YTp",
          "Basic YT=i", "Basic YTpi====", "Basic YT pi", "Basic YTp-", "Basic ===="})
        EXPECT_FALSE(parseBasic(value)) << value;
    using namespace std::string_literals;
    for (const std::string& pair :
         {"no colon"s, "a:b\nc"s, "a\r:b"s, "a:b\0c"s, "a\x7f:b"s, "a:" + std::string(512, 'p')})
        EXPECT_FALSE(parseBasic("Basic " + base64(pair))) << pair;
    EXPECT_TRUE(parseBasic("Basic " + base64("a:" + std::string(511, 'p'))));
}

}  // namespace
}  // namespace turnpike::access
