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
    /// The same for a client with that address.
    unsigned from(const char* address, const std::string& target) {
        return send(host.get(target).remote(address, 1)).status();
    }
    /// What is done with the file `path`, found for another path by a route.
    fake::Request& found(const std::string& target, const std::string& path) {
        return send(host.get(target).found(path));
    }
    /// The value of a variable that a program would see.
    static std::string variable(const fake::Request& request, const std::string& name) {
        for (const auto& [key, value] : request.variables())
            if (key == name) return value;
        return "(none)";
    }
};

}  // namespace turnpike::rewrite
