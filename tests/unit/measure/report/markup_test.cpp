#include "measure/report/markup.h"

#include <gtest/gtest.h>

#include <cmath>

#include "measure/report/csv.h"

namespace turnpike::measure::report {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

TEST(Escape, LeavesNoMarkup) {
    EXPECT_EQ(escape("<script>alert(\"a & 'b'\")</script>"),
              "&lt;script&gt;alert(&quot;a &amp; &#39;b&#39;&quot;)&lt;/script&gt;");
    EXPECT_EQ(escape(""), "");
    EXPECT_EQ(escape("tab\tline\n"), "tab\tline\n");
}

TEST(Escape, KeepsEveryCharacterThatXmlHas) {
    for (const char* text : {"µ – × →", "\xF0\x9F\x90\x98", "\xEE\x80\x80", "\xED\x9F\xBF", "\xC2\x80"})
        EXPECT_EQ(escape(text), text);
}

TEST(Escape, ReplacesWhatXmlCannotHold) {
    struct {
        const char* what;
        std::string text;
        size_t replaced;
    } cases[] = {
        {"a control character", "\x01", 1},
        {"zero", std::string(1, '\0'), 1},
        {"an escape sequence's begin", "\x1B", 1},
        {"half a character", "\xC3", 1},
        {"half of a long one", "\xE2\x82", 2},
        {"Latin-1", "\xFC", 1},
        {"a character in more bytes than it needs", "\xC0\xAF", 2},
        {"the same, longer", "\xE0\x80\xAF", 3},
        {"a surrogate", "\xED\xA0\x80", 3},
        {"no character", "\xEF\xBF\xBF", 3},
        {"beyond Unicode", "\xF4\x90\x80\x80", 4},
    };
    for (const auto& c : cases) {
        std::string wanted = "a";
        for (size_t i = 0; i < c.replaced; ++i) wanted += kReplacement;
        EXPECT_EQ(escape("a" + c.text + "b"), wanted + "b") << c.what;
    }
}

TEST(Table, HeadsItsRows) {
    Table table("A & B", {"name", "µs"}, true);
    EXPECT_TRUE(table.isEmpty());
    table.add({"row", "1 <small>x</small>"});
    const std::string html = table.html();
    for (const char* part : {"<caption>A &amp; B</caption>", "<th scope=\"col\">µs</th>",
                             "<th scope=\"row\">row</th>", "<td>1 <small>x</small></td>", "class=\"numbers\""})
        EXPECT_NE(html.find(part), std::string::npos) << part;
}

TEST(CsvText, IsQuotedWhereItMustBe) {
    Csv csv;
    csv.begin();
    csv.add("plain");
    csv.add("a,b");
    csv.add("say \"no\"");
    csv.add("two\nlines");
    csv.add("");
    EXPECT_EQ(csv.text(), "plain,\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",");
}

TEST(CsvText, IsNoFormulaToASpreadsheet) {
    Csv csv;
    csv.begin();
    for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)"}) csv.add(std::string(text));
    csv.add(-1.5);
    EXPECT_EQ(csv.text(), "'=1+1,'+1,'-1,'@SUM(A1),-1.5") << "a number stays one";
}

TEST(CsvText, LeavesOutWhatIsNotKnown) {
    Csv csv;
    csv.begin();
    csv.add(Estimate{});
    csv.add(Estimate{2, 1, 3, 6});
    csv.addWhole(std::optional<uint64_t>());
    csv.addWhole(UINT64_MAX);
    csv.add(std::nan(""));
    EXPECT_EQ(csv.text(), ",,,2,1,3,,18446744073709551615,");
}

}  // namespace
}  // namespace turnpike::measure::report
