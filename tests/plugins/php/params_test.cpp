#include <gtest/gtest.h>

#include <string>

#include "php/interpreter/params.h"
#include "records.h"

namespace turnpike::php::test {
namespace {

TEST(Params, FindsEachByItsName) {
    Params params;
    std::string stream;
    for (int i = 0; i < 1000; ++i) stream += pair("NAME_" + std::to_string(i), std::to_string(i * 7));
    ASSERT_EQ(params.load(stream), nullptr);
    for (int i = 0; i < 1000; ++i)
        EXPECT_STREQ(params.find("NAME_" + std::to_string(i)), std::to_string(i * 7).c_str());
    EXPECT_EQ(params.find("NAME_1000"), nullptr);
    EXPECT_EQ(params.find(""), nullptr);
    EXPECT_STREQ(params.find("FCGI_ROLE"), "RESPONDER");
}

TEST(Params, TakesTheLastValueOfANameInTheFirstPlace) {
    Params params;
    ASSERT_EQ(params.load(pair("A", "1") + pair("B", "2") + pair("A", "longer")), nullptr);
    ASSERT_EQ(params.entries().size(), 3u);
    EXPECT_EQ(params.entries()[1].name, "A");
    EXPECT_STREQ(params.entries()[1].value, "longer");
    EXPECT_EQ(params.entries()[1].size, 6u);
}

TEST(Params, RefusesNulBytes) {
    using std::string_literals::operator""s;
    Params params;
    EXPECT_STREQ(params.load(pair("A", "x\0y"s)), "a parameter with a NUL byte");
    EXPECT_STREQ(params.load(pair("A\0"s, "x")), "a parameter with a NUL byte");
    EXPECT_TRUE(params.entries().empty());
}

TEST(Params, RefusesTooMany) {
    Params params;
    std::string stream;
    for (size_t i = 0; i < Params::kMaxCount; ++i) stream += pair("N" + std::to_string(i), "");
    EXPECT_STREQ(params.load(stream), "too many parameters");
}

TEST(Params, ForgetsTheRequestBefore) {
    Params params;
    ASSERT_EQ(params.load(pair("OLD", "1")), nullptr);
    ASSERT_EQ(params.load(pair("NEW", "2")), nullptr);
    EXPECT_EQ(params.find("OLD"), nullptr);
    EXPECT_STREQ(params.find("NEW"), "2");
}

}  // namespace
}  // namespace turnpike::php::test
