#include <argon2.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>

#include "access/password.h"

namespace turnpike::access {
namespace {

/// With little memory, so that it takes no time.
std::string hashOf(const char* password, argon2_type type, uint32_t lanes = 1) {
    std::array<char, 200> encoded{};
    std::array<char, 32> raw{};
    EXPECT_EQ(argon2_hash(1, 64, lanes, password, std::strlen(password), "saltsalt", 8, raw.data(), raw.size(),
                          encoded.data(), encoded.size(), type, ARGON2_VERSION_13),
              ARGON2_OK);
    return encoded.data();
}

TEST(Argon2, IsVerified) {
    for (const argon2_type type : {Argon2_id, Argon2_i, Argon2_d}) {
        const std::string hash = hashOf("secret", type, 2);
        EXPECT_EQ(whatIsWrong(hash), "") << hash;
        EXPECT_TRUE(isPasswordOf("secret", hash)) << hash;
        for (const char* wrong : {"Secret", "secret ", "", "secre"})
            EXPECT_FALSE(isPasswordOf(wrong, hash)) << hash;
    }
}

TEST(Argon2, IsRefusedWhenItAsksForTooMuchOrWasCut) {
    const std::string hash = hashOf("secret", Argon2_id);
    const auto with = [&hash](const std::string& from, const std::string& to) {
        std::string changed = hash;
        return changed.replace(changed.find(from), from.size(), to);
    };
    for (const std::string& wrong : {with("m=64", "m=262145"), with("m=64", "m="), with("t=1", "t=101"),
                                     with("p=1", "p=17"), with("p=1", "p=1,x=2"), with("m=64,", "")})
        EXPECT_NE(whatIsWrong(wrong).find("asks for too much"), std::string::npos) << wrong;
    for (const std::string& wrong : {hash.substr(0, 60), with("v=19$", ""), with("v=19", "v=16"), hash + "=",
                                     hash.substr(0, hash.rfind('$')), with("c2FsdHNhbHQ", "")})
        EXPECT_NE(whatIsWrong(wrong).find("cut or changed"), std::string::npos) << wrong;
}

}  // namespace
}  // namespace turnpike::access
