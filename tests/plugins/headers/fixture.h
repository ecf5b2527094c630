// A fake host with the headers plugin in it, for every test of the plugin.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "sdk/fake_host.hpp"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host*);

namespace turnpike::headers {

class HeadersTest : public testing::Test {
 protected:
    using Request = fake::Request;

    void load() { ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().at(0); }

    /// What becomes of an answer with these fields.
    Request& answered(fake::Fields fields, unsigned status = 200, const std::string& target = "/") {
        Request& request = host.get(target).content(status, std::move(fields), "content");
        EXPECT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.status(), status);
        return request;
    }
    static std::vector<std::string> all(const Request& request, const std::string& name) {
        std::vector<std::string> values;
        for (const auto& [key, value] : request.fields())
            if (key == name) values.push_back(value);
        return values;
    }

    fake::Host host;
};

}  // namespace turnpike::headers
