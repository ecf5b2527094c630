#include "config/log_format.h"

#include <gtest/gtest.h>

namespace turnpike::config {
namespace {

std::string wrong(const std::string& text) {
    auto parsed = parseLogFormat(text);
    return parsed ? "taken" : parsed.error().text;
}

TEST(LogFormat, IsCutIntoLiteralsAndFields) {
    auto pieces = parseLogFormat("a{{b}} {status}{request.X-Y} {crossings.backend.bytes}!");
    ASSERT_TRUE(pieces) << pieces.error().text;
    ASSERT_EQ(pieces->size(), 6u);
    EXPECT_EQ((*pieces)[0].text, "a{b} ");
    EXPECT_EQ((*pieces)[1].field, LogField::Status);
    EXPECT_EQ((*pieces)[2].field, LogField::RequestField);
    EXPECT_EQ((*pieces)[2].text, "x-y");
    EXPECT_EQ((*pieces)[4].field, LogField::Crossings);
    EXPECT_EQ((*pieces)[4].crossing_class, TP_CLASS_BACKEND);
    EXPECT_EQ((*pieces)[4].count, LogCount::Bytes);
    EXPECT_EQ((*pieces)[5].text, "!");
}

TEST(LogFormat, SaysWhatIsWrong) {
    EXPECT_EQ(wrong("{statsu}"), "there is no {statsu} - did you mean \"status\"?");
    EXPECT_EQ(wrong("{crossings.client.call}"),
              "there is no {crossings.client.call}; there are the names of a JSON log's members, request.NAME and "
              "crossings.CLASS.calls, see the manual");
    EXPECT_NE(wrong("{crossings.moon.calls}"), "taken");
    EXPECT_EQ(wrong("{request.}"), "{request.} names no request field");
    EXPECT_EQ(wrong("{request.a b}"), "{request.a b} names no request field");
    EXPECT_EQ(wrong("{status"), "a \"{\" is not closed: write \"{{\" for the brace itself");
    EXPECT_EQ(wrong("{status} }"), "a \"}\" closes nothing: write \"}}\" for the brace itself");
    EXPECT_EQ(wrong("{status}\n"), "may hold visible ASCII, spaces and tabs");
    EXPECT_EQ(wrong("{status} \xc3\xa9"), "may hold visible ASCII, spaces and tabs");
    EXPECT_EQ(wrong("jsno"), "must be \"off\", \"combined\", \"json\" or a text with {fields} in it");
}

TEST(LogFormat, MakesNoLineThatFindsNoRoom) {
    std::string text;
    for (int i = 0; i < 15; ++i) text += "{target}";
    EXPECT_EQ(wrong(text), "taken");
    EXPECT_EQ(wrong(text + "{target}"),
              "lines could grow to 131073 bytes, and 131072 is the most: name fewer fields");
    EXPECT_EQ(wrong(std::string(kCombinedLog)), "taken");
}

}  // namespace
}  // namespace turnpike::config
