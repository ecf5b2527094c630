#include "access/password.h"

#include <crypt.h>
#include <gtest/gtest.h>

namespace turnpike::access {
namespace {

std::string hashOf(const char* password, const char* setting) {
    crypt_data data{};
    return crypt_r(password, setting, &data);
}

TEST(Password, IsVerifiedByEveryMethodThatIsSlow) {
    for (const char* setting :
         {"$2y$04$abcdefghijklmnopqrstuu", "$2b$04$abcdefghijklmnopqrstuu", "$2a$04$abcdefghijklmnopqrstuu",
          "$6$rounds=1000$salt$", "$5$rounds=1000$salt$", "$6$salt$", "$y$j75$saltsaltsalt$",
          "$gy$j75$saltsaltsalt$", "$7$2/..../....salt$"}) {
        const std::string hash = hashOf("secret", setting);
        EXPECT_EQ(whatIsWrong(hash), "") << hash;
        EXPECT_TRUE(isPasswordOf("secret", hash)) << hash;
        for (const char* wrong : {"Secret", "secret ", "", "secre"})
            EXPECT_FALSE(isPasswordOf(wrong, hash)) << hash;
        EXPECT_NE(whatIsWrong(hash.substr(0, hash.size() - 1)).find("cut or changed"), std::string::npos) << hash;
        EXPECT_NE(whatIsWrong(hash.substr(0, hash.size() - 1) + "!").find("htpasswd -B"), std::string::npos)
            << hash;
    }
}

// What Apache's htpasswd wrote.
TEST(Password, IsVerifiedAsHtpasswdHashedIt) {
    EXPECT_TRUE(isPasswordOf("secret", "$2y$05$AFzG.rE8EOnjpSlo4PWnluBhfltbLGqRhVWlufHtu2aSk0DlPkZpu"));
    EXPECT_TRUE(isPasswordOf("s", "$5$njvvdn3PawAF9hbk$x8G1c9NcxN/hYIf2cr0eOX5asDzCz4jKbqzGKc2kf.B"));
}

TEST(Password, HashedQuicklyIsRefusedWithABetterWay) {
    const struct {
        const char *hash, *reason;
    } cases[] = {{"", "no password"},
                 {"$apr1$N0JcOPM2$ZTTDLdN9n5qw6oMNZnNn1.", "MD5 (apr1)"},
                 {"$1$salt$qJH7.N4xYta3aEG/dfqo/0", "MD5"},
                 {"{SHA}oPFJCiDQIRyZe0S8NX4Zct6riuM=", "SHA-1"},
                 {"{SSHA}abc", "not slowly"},
                 {"{PLAIN}s", "not hashed"},
                 {"vWfIeamp/s1g2", "plain text or DES"},
                 {"secret", "plain text or DES"},
                 {"$9$abc$def", "unknown kind"},
                 {"$2x$05$AFzG.rE8EOnjpSlo4PWnluBhfltbLGqRhVWlufHtu2aSk0DlPkZpu", "unknown kind"},
                 {"$2y$05$short", "cut or changed"}};
    for (const auto& [hash, reason] : cases) {
        EXPECT_NE(whatIsWrong(hash).find(reason), std::string::npos) << whatIsWrong(hash);
        EXPECT_NE(whatIsWrong(hash).find("htpasswd -B"), std::string::npos) << whatIsWrong(hash);
    }
}

TEST(Secrets, AreTheSameInEveryByteOrNot) {
    EXPECT_TRUE(isSameSecret("", ""));
    EXPECT_TRUE(isSameSecret("abc", "abc"));
    for (const char* other : {"abd", "bbc", "ab", "abcd", ""}) EXPECT_FALSE(isSameSecret("abc", other)) << other;
}

}  // namespace
}  // namespace turnpike::access
