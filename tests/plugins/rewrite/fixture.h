// fixture.h - one rule in a fake host, and requests that it may apply to.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "sdk/fake_host.hpp"
#include "support/temp_folder.h"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host*);

namespace turnpike::rewrite {

class RewriteTest : public testing::Test {
 protected:
    RewriteTest() { host.site.root = folder.path(); }
    void load() { ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().at(0); }
    void expectRefusal(const std::string& part) {
        ASSERT_FALSE(host.load(tp_plugin_entry)) << part;
        EXPECT_NE(host.problems().at(0).find(part), std::string::npos) << host.problems().at(0);
    }
    fake::Request& send(fake::Request& request) {
        EXPECT_TRUE(host.run(request.content(200, {}, "content"))) << request.why();
        return request;
    }
    fake::Request& get(const std::string& target) { return send(host.get(target)); }
    /// Where the client is sent; empty: nowhere.
    std::string location(const std::string& target) { return get(target).field("location"); }
    /// Where the request went inside the site; empty: it stayed.
    std::string rewritten(const std::string& target) {
        const fake::Request& request = get(target);
        return request.redirects().empty() ? "" : request.redirects().back();
    }

    TempFolder folder;
    fake::Host host;
};

}  // namespace turnpike::rewrite
