// A fake host with the plugin in it, and answers that stand in for those of the site.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sdk/fake_host.hpp"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host*);

namespace turnpike::cache {

class CacheTest : public ::testing::Test {
 protected:
    using Request = fake::Request;
    using Fields = fake::Fields;

    void load() { ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().at(0); }

    Request& make(const std::string& target, const Fields& asked = {}, const std::string& method = "GET") {
        Request& request = host.request(method, target);
        request.field("Host", "example.org");
        for (const auto& [name, value] : asked) request.field(name, value);
        return request;
    }
    Request& run(Request& request) {
        EXPECT_TRUE(host.run(request)) << request.why();
        return request;
    }
    /// What the site answers with, should it be asked.
    Request& ask(const std::string& target, const std::string& body, const Fields& asked = {},
                 const std::string& method = "GET") {
        return run(make(target, asked, method).content(status, fields, body));
    }
    /// Whether the site was not asked: it would have said something else.
    bool isHit(const std::string& target, const Fields& asked = {}) {
        const std::string next = "the site's answer " + std::to_string(++asked_);
        return ask(target, next, asked).text() != next;
    }

    unsigned status = 200;
    Fields fields = {{"Cache-Control", "max-age=60"}, {"Content-Type", "text/plain"}};
    fake::Host host;

 private:
    int asked_ = 0;
};

}  // namespace turnpike::cache
