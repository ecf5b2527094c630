// fixture.h - the access plugin in a fake host, and requests from somewhere by somebody.
#pragma once
#include <crypt.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "base64.h"
#include "sdk/fake_host.hpp"
#include "support/temp_folder.h"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host*);

namespace turnpike::access {

/// bcrypt at its lowest cost.
inline std::string cheapHash(const char* password) {
    crypt_data data{};
    return crypt_r(password, "$2y$04$abcdefghijklmnopqrstuu", &data);
}

class AccessTest : public testing::Test {
 protected:
    void load() { ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().at(0); }
    void expectRefusal(const std::string& part) {
        ASSERT_FALSE(host.load(tp_plugin_entry));
        EXPECT_NE(host.problems().at(0).find(part), std::string::npos) << host.problems().at(0);
    }
    /// A file of users, and the key that names it.
    std::string setUsers(const std::string& content, mode_t mode = 0640) {
        folder.write("users", content);
        std::string path = folder.path() + "/users";
        ::chmod(path.c_str(), mode);
        host.set("users", path);
        return path;
    }
    fake::Request& send(fake::Request& request) {
        EXPECT_TRUE(host.run(request.content(200, {}, "content"))) << request.why();
        return request;
    }
    unsigned statusFrom(const std::string& address, const std::string& target = "/") {
        return send(host.get(target).remote(address, 4711)).status();
    }
    fake::Request& as(const std::string& pair, const std::string& target = "/") {
        return send(host.get(target).field("Authorization", "Basic " + base64(pair)));
    }

    TempFolder folder;
    fake::Host host;
};

}  // namespace turnpike::access
