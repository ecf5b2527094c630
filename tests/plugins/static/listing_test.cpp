#include "listing.h"

#include "fixture.h"

namespace turnpike::static_files {

TEST(ListingPage, EscapesNamesForHtmlAndForLinks) {
    const std::string page =
        listingPage("/<b>&/", {{{"<script>alert(1)</script>", false, 1, 0}, {"a\"b?c#d%", false, 1, 0}}});
    EXPECT_EQ(page.find("<script>"), std::string::npos);
    EXPECT_EQ(page.find("<b>"), std::string::npos);
    EXPECT_NE(page.find("Index of /&lt;b&gt;&amp;/"), std::string::npos);
    EXPECT_NE(page.find("<a href=\"%3Cscript%3Ealert%281%29%3C%2Fscript%3E\">"), std::string::npos) << page;
    EXPECT_NE(page.find("<a href=\"a%22b%3Fc%23d%25\">a&quot;b?c#d%</a>"), std::string::npos) << page;
}

TEST(ListingPage, NeverMakesALinkWithAScheme) {
    EXPECT_NE(listingPage("/", {{{"javascript:alert(1)", false, 1, 0}}}).find("href=\"javascript%3Aalert"),
              std::string::npos);
}

TEST(ListingPage, SortsFoldersFirstThenByName) {
    const std::string page = listingPage(
        "/x/", {{{"b.txt", false, 1, 0}, {"z", true, 0, 0}, {"a.txt", false, 1, 0}, {"y", true, 0, 0}}});
    std::vector<size_t> places;
    for (const char* name : {"href=\"../\"", "href=\"y/\"", "href=\"z/\"", "href=\"a.txt\"", "href=\"b.txt\""})
        places.push_back(page.find(name));
    EXPECT_TRUE(std::ranges::is_sorted(places)) << page;
    EXPECT_NE(places.back(), std::string::npos);
}

TEST(ListingPage, ShowsSizeAndDate) {
    const std::string page = listingPage("/", {{{"a", false, 12345, 784111777}}});
    EXPECT_NE(page.find("<td align=\"right\">12345</td><td>1994-11-06 08:49</td>"), std::string::npos) << page;
    EXPECT_EQ(page.find("../"), std::string::npos) << "the root has no parent";
}

TEST(ListingPage, SurvivesAbsurdDates) {
    for (int64_t date : {INT64_MIN / 2'000'000'000, INT64_MAX / 2'000'000'000, int64_t{-1}})
        EXPECT_FALSE(listingPage("/", {{{"a", false, 1, date}}}).empty());
}

using StaticListing = StaticTest;

TEST_F(StaticListing, IsOffByDefault) {
    write("/d/a.txt", "x");
    load();
    EXPECT_TRUE(get("/d/").declined());
}

TEST_F(StaticListing, ShowsWhatMayBeSeen) {
    host.set("autoindex", "true");
    write("/d/a b.txt", "hello");
    write("/d/sub/x", "x");
    write("/d/.hidden", "x");
    write("/d/old.bak", "x");
    ASSERT_EQ(symlink("/etc/passwd", (root + "/d/passwd").c_str()), 0);
    ASSERT_EQ(mkfifo((root + "/d/pipe").c_str(), 0600), 0);
    load();
    Request& r = get("/d/");
    EXPECT_EQ(r.status(), 200u);
    EXPECT_EQ(r.field("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(r.field("content-security-policy"), "default-src 'none'");
    EXPECT_EQ(r.field("x-content-type-options"), "nosniff");
    EXPECT_NE(r.text().find("href=\"a%20b.txt\""), std::string::npos);
    EXPECT_NE(r.text().find("href=\"sub/\""), std::string::npos);
    for (const char* name : {"hidden", "old.bak", "passwd", "pipe"})
        EXPECT_EQ(r.text().find(name), std::string::npos) << name;
}

TEST_F(StaticListing, GivesWayToAnIndex) {
    host.set("autoindex", "true");
    write("/d/index.html", "index");
    load();
    EXPECT_EQ(get("/d/").text(), "index");
}

TEST_F(StaticListing, OfNothingIsNotFound) {
    host.set("autoindex", "true");
    write("/a.txt", "x");
    load();
    EXPECT_TRUE(get("/missing/").declined());
    EXPECT_TRUE(get("/a.txt/").declined());
    EXPECT_EQ(request("POST", "/missing/").status(), 405u);
}

TEST_F(StaticListing, IsBounded) {
    host.set("autoindex", "true");
    for (size_t i = 0; i <= kMaxListed; ++i) write("/d/f" + std::to_string(i), "");
    load();
    Request& r = get("/d/");
    size_t rows = 0;
    for (size_t at = r.text().find("href=\"f"); at != std::string::npos; at = r.text().find("href=\"f", at + 1))
        ++rows;
    EXPECT_EQ(rows, kMaxListed);
    EXPECT_NE(r.text().find("There are more names"), std::string::npos);
}

TEST_F(StaticListing, ReachesASlowClientWhole) {
    host.set("autoindex", "true");
    write("/d/a.txt", "x");
    load();
    Request& r = send(host.get("/d/").takes(5));
    EXPECT_TRUE(r.text().ends_with("</html>\n"));
    EXPECT_EQ(r.announced(), static_cast<int64_t>(r.text().size()));
}

TEST_F(StaticListing, NamesTheCauseOfAFailure) {
    host.set("autoindex", "true");
    write("/d/a.txt", "x");
    load();
    host.io.failNext("list", -EIO);
    Request& r = get("/d/");
    EXPECT_EQ(r.status(), 500u);
    EXPECT_NE(r.cause().find("\"/d/\""), std::string::npos) << r.cause();
}

}  // namespace turnpike::static_files
