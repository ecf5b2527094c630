// htaccess_fixture.h - a site with .htaccess files in a fake host.
#pragma once
#include "fixture.h"

namespace turnpike::rewrite {

class HtaccessTest : public RewriteTest {
 protected:
    HtaccessTest() { host.set("htaccess", "true"); }
    /// The root's own file, and the plugin.
    void load(const std::string& content) {
        if (!content.empty()) folder.write(".htaccess", content);
        RewriteTest::load();
    }
    unsigned status(const std::string& target) { return get(target).status(); }
    /// The value of a variable that a program would see.
    static std::string variable(const fake::Request& request, const std::string& name) {
        for (const auto& [key, value] : request.variables())
            if (key == name) return value;
        return "(none)";
    }
};

}  // namespace turnpike::rewrite
