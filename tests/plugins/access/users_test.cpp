#include "access/users.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "fixture.h"

namespace turnpike::access {
namespace {

std::string problemOf(const std::string& content) {
    try {
        Users("/etc/users", content);
    } catch (const std::invalid_argument& wrong) {
        return wrong.what();
    }
    return "";
}

TEST(Users, AreReadFromLinesOfNameAndHash) {
    const std::string hash = cheapHash("p");
    const Users users("/etc/users", "# people\n\nann:" + hash + "\r\nbob x:" + hash + ":a comment\nz:" + hash);
    for (const char* name : {"ann", "bob x", "z"}) {
        EXPECT_TRUE(users.find(name).is_known) << name;
        EXPECT_EQ(users.find(name).hash, hash) << name;
    }
    for (const char* name : {"", "Ann", "bob", "# people"}) EXPECT_FALSE(users.find(name).is_known) << name;
}

TEST(Users, OfWhichNoneHasTheNameLendTheirHash) {
    const std::string one = cheapHash("p"), two = cheapHash("q");
    const Users users("/etc/users", "ann:" + one + "\nbob:" + two);
    std::set<std::string> lent;
    for (char c = 'A'; c <= 'Z'; ++c) {
        const std::string name(1, c);
        EXPECT_EQ(&users.find(name).hash, &users.find(name).hash);
        lent.insert(users.find(name).hash);
    }
    EXPECT_EQ(lent, (std::set{one, two}));  // a name takes the time of some user, always the same one
}

TEST(Users, AreRefusedWithFileAndLine) {
    const std::string hash = cheapHash("p");
    EXPECT_EQ(problemOf("ann:" + hash + "\nbob\n"), "/etc/users:2: no colon: a line is NAME:HASH");
    EXPECT_NE(problemOf("\n:" + hash).find("/etc/users:2: the name is empty"), std::string::npos);
    EXPECT_NE(problemOf("a\tb:" + hash).find("control characters"), std::string::npos);
    EXPECT_EQ(problemOf("ann:" + hash + "\nann:" + hash), "/etc/users:2: \"ann\" was there before");
    EXPECT_NE(problemOf("ann:secret").find("/etc/users:1: \"ann\": the password is plain text"),
              std::string::npos);
    EXPECT_EQ(problemOf("ann:secret").find("secret"), std::string::npos);
    EXPECT_EQ(problemOf("# nobody\n"), "/etc/users: names nobody");
}

}  // namespace
}  // namespace turnpike::access
