// A fake host with the plugin in it, answers that stand in for those of other plugins, and the way back from what
// the client got to what it is meant to read.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "inflate.h"
#include "sdk/fake_host.hpp"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host*);

namespace turnpike::compress {

class CompressTest : public testing::Test {
 protected:
    using Request = fake::Request;
    using Fields = fake::Fields;

    /// A slow machine, or a sanitizer, must not reach the limit of time that other tests are about.
    CompressTest() { host.set("busy", "100"); }

    void load() { ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().at(0); }

    /// GET with these fields, answered with that status, these fields besides a Content-Type, and `body`.
    Request& get(const Fields& asked, const Fields& answered = {}, unsigned status = 200,
                 const std::string& method = "GET") {
        Request& request = host.request(method, "/");
        for (const auto& [name, value] : asked) request.field(name, value);
        Fields fields = {{"Content-Type", type}};
        fields.insert(fields.end(), answered.begin(), answered.end());
        request.content(status, fields, body);
        EXPECT_TRUE(host.run(request)) << request.why();
        return request;
    }
    /// Whether the answer to a client that takes gzip is compressed.
    bool isCompressed(const Fields& answered = {}, unsigned status = 200) {
        return get({{"Accept-Encoding", "gzip"}}, answered, status).field("content-encoding") == "gzip";
    }

    std::string type = "text/html; charset=utf-8";
    std::string body = pageOf(20'000);
    fake::Host host;
};

}  // namespace turnpike::compress
