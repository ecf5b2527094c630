#include "fixture.h"

namespace turnpike::headers {

class HeadersConditions : public HeadersTest {
 protected:
    HeadersConditions() { host.setMap("set", {{"X-A", "1"}}); }

    bool isChanged(unsigned status, const std::string& target = "/", const std::string& type = "") {
        fake::Fields fields;
        if (!type.empty()) fields = {{"content-type", type}};
        return answered(fields, status, target).field("x-a") == "1";
    }
};

TEST_F(HeadersConditions, NameStatusesAndClasses) {
    host.setList("statuses", {"404", "5xx"});
    load();
    for (unsigned status : {404u, 500u, 503u, 599u}) EXPECT_TRUE(isChanged(status)) << status;
    for (unsigned status : {200u, 304u, 403u, 405u, 499u}) EXPECT_FALSE(isChanged(status)) << status;
}

TEST_F(HeadersConditions, NameMediaTypes) {
    host.setList("types", {"Text/HTML", "image/*"});
    load();
    for (const char* type : {"text/html", "TEXT/html ; charset=utf-8", "image/png", "image/svg+xml"})
        EXPECT_TRUE(isChanged(200, "/", type)) << type;
    for (const char* type : {"text/htmlx", "text/plain", "application/image/png", "imagex/png", ""})
        EXPECT_FALSE(isChanged(200, "/", type)) << type;
}

TEST_F(HeadersConditions, NamePrefixesOfThePath) {
    host.setList("prefixes", {"/api/", "/assets/"});
    load();
    for (const char* target :
         {"/api/", "/api/x?y", "/assets/a.css", "/%61pi/x", "//api/x", "/x/../api/y", "http://localhost/api/x"})
        EXPECT_TRUE(isChanged(200, target)) << target;
    for (const char* target : {"/", "/api", "/Api/x", "/x/api/", "/?/api/", "/api/../x"})
        EXPECT_FALSE(isChanged(200, target)) << target;
}

TEST_F(HeadersConditions, NameSuffixesOfThePath) {
    host.setList("suffixes", {".css", ".js"});
    load();
    EXPECT_TRUE(isChanged(200, "/a.css?v=2"));
    EXPECT_TRUE(isChanged(200, "/a.js"));
    EXPECT_FALSE(isChanged(200, "/a.json"));
    EXPECT_FALSE(isChanged(200, "/?a.css"));
}

TEST_F(HeadersConditions, AllHaveToHold) {
    host.setList("statuses", {"200"}).setList("prefixes", {"/a/"}).setList("suffixes", {".css"});
    host.setList("types", {"text/css"});
    load();
    EXPECT_TRUE(isChanged(200, "/a/b.css", "text/css"));
    EXPECT_FALSE(isChanged(404, "/a/b.css", "text/css"));
    EXPECT_FALSE(isChanged(200, "/b.css", "text/css"));
    EXPECT_FALSE(isChanged(200, "/a/b.js", "text/css"));
    EXPECT_FALSE(isChanged(200, "/a/b.css", "text/html"));
}

}  // namespace turnpike::headers
