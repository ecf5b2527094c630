#include "settings.h"

#include "fixture.h"
#include "support/readme_keys.h"

namespace turnpike::headers {
namespace {

/// What a config that must not be taken is refused with.
template <class Configure>
std::string refusal(Configure configure) {
    fake::Host host;
    configure(host);
    if (host.load(tp_plugin_entry)) return "it was taken";
    return host.problems().at(0);
}
std::string refusalOfMap(const std::string& key, const fake::StringMap& pairs) {
    return refusal([&](fake::Host& host) { host.setMap(key, pairs); });
}
std::string refusalOfList(const std::string& key, const std::vector<std::string>& items) {
    return refusal([&](fake::Host& host) { host.setMap("set", {{"X-A", "1"}}).setList(key, items); });
}

TEST(HeadersSettings, RefuseToChangeNothing) {
    const std::string why = refusal([](fake::Host& host) { host.setList("statuses", {"404"}); });
    EXPECT_NE(why.find("changes nothing: give it `set`"), std::string::npos) << why;
}

TEST(HeadersSettings, RefuseNamesThatAreNoTokens) {
    for (const std::string name : {"X Frame", "X:", "", "X-\u00e4", "(x)"})
        EXPECT_NE(refusalOfMap("set", {{name, "1"}}).find("is not the name of a field"), std::string::npos)
            << name;
}

TEST(HeadersSettings, ShowNoControlBytes) {
    EXPECT_EQ(refusalOfList("remove", {"X\r\n\x1b[2J"}), "remove: \"X???[2J\" is not the name of a field");
}

TEST(HeadersSettings, RefuseValuesThatWouldEndTheLine) {
    const std::string why =
        ": the value of \"X-A\" may hold visible ASCII characters, spaces and tabs only, "
        "no end of line";
    for (const std::string value : {"1\r\nSet-Cookie: a=b", "1\n2", "1\r", "\x7f", "\u00e4"}) {
        for (const std::string key : {"set", "default", "merge"})
            EXPECT_EQ(refusalOfMap(key, {{"X-A", value}}), key + why);
        EXPECT_EQ(refusalOfList("add", {"X-A: a" + value + "b"}), "add" + why);
    }
}

TEST(HeadersSettings, RefuseALineThatIsNoField) {
    EXPECT_EQ(refusalOfList("add", {"nosniff"}), "add: \"nosniff\" is not a field like \"Name: value\"");
    EXPECT_EQ(refusalOfList("add", {"X-A : 1"}), "add: \"X-A \" is not the name of a field");
}

TEST(HeadersSettings, RefuseAnEmptyValue) {
    const std::string why = ": \"X-A\" has no value; to take a field away name it in `remove`";
    EXPECT_EQ(refusalOfMap("set", {{"X-A", ""}}), "set" + why);
    EXPECT_EQ(refusalOfList("add", {"X-A: "}), "add" + why);
}

TEST(HeadersSettings, RefuseANameTwiceInAnyCase) {
    EXPECT_EQ(refusalOfMap("set", {{"X-A", "1"}, {"x-a", "2"}}), "set: \"x-a\" stands there twice");
}

TEST(HeadersSettings, RefuseToMergeWhatCommasDoNotTakeApart) {
    EXPECT_EQ(refusalOfMap("merge", {{"Set-Cookie", "a=b"}}), "merge: \"Set-Cookie\" is not a list; use `add`");
    EXPECT_EQ(refusalOfMap("merge", {{"Cache-Control", "private=\"a, b\""}}),
              "merge: the value of \"Cache-Control\" may hold no quotes: its elements end at commas");
}

TEST(HeadersSettings, LeaveTheServerItsOwnFields) {
    for (const std::string name : {"Content-Length", "TRANSFER-ENCODING", "connection", "Keep-Alive",
                                   "Proxy-Connection", "Date", "Server", "TE", "Trailer", "Upgrade"}) {
        const std::string why = ": \"" + name + "\" is written by the server itself and cannot be changed";
        for (const std::string key : {"set", "default", "merge"})
            EXPECT_EQ(refusalOfMap(key, {{name, "1"}}), key + why);
        EXPECT_EQ(refusalOfList("add", {name + ": 1"}), "add" + why);
        EXPECT_EQ(refusalOfList("remove", {name}), "remove" + why);
    }
}

TEST(HeadersSettings, RefuseStatusesThatAreNone) {
    for (const std::string status : {"100", "1xx", "600", "40", "4x", "4xxx", "abc", "", "40x", "-404"})
        EXPECT_EQ(
            refusalOfList("statuses", {"200", status}),
            "statuses: \"" + status + "\" is not a status from \"200\" to \"599\", nor a class like \"4xx\"");
}

TEST(HeadersSettings, RefuseTypesThatAreNone) {
    for (const std::string type : {"html", "/html", "text/", "text/html;q=1", "text/a/b", ""})
        EXPECT_EQ(refusalOfList("types", {type}),
                  "types: \"" + type + "\" is not a media type like \"text/html\" or \"text/*\"");
}

TEST(HeadersSettings, RefusePathsThatMatchNoneOrAll) {
    EXPECT_EQ(refusalOfList("prefixes", {"api/"}),
              "prefixes: \"api/\" matches no path: every path begins with \"/\"");
    EXPECT_EQ(refusalOfList("suffixes", {".css", ""}), "suffixes: an empty one ends every path");
}

TEST(HeadersSettings, RefuseConditionsThatHoldForNothing) {
    for (const std::string key : {"statuses", "types", "prefixes", "suffixes"})
        EXPECT_EQ(refusalOfList(key, {}), key + ": is empty");
}

TEST(HeadersSettings, AreWhatTheReadmeSays) { testing::expectKeysOf(kKeys, HEADERS_README); }

}  // namespace
}  // namespace turnpike::headers
