#include "access/paths.h"

#include <gtest/gtest.h>

namespace turnpike::access {
namespace {

TEST(Paths, CoverAPathAndAllBelowIt) {
    for (const char* written : {"/admin", "/admin/"}) {
        Paths paths;
        EXPECT_EQ(paths.add("/other"), "");
        EXPECT_EQ(paths.add(written), "");
        for (const char* inside : {"/admin", "/admin/", "/admin/a/b", "/other/x"})
            EXPECT_TRUE(paths.cover(inside));
        for (const char* outside : {"/", "/administrator", "/adm", "/x/admin", "/Admin"})
            EXPECT_FALSE(paths.cover(outside)) << outside;
    }
}

TEST(Paths, CoverEverythingWhenThereIsNone) {
    EXPECT_TRUE(Paths().cover("/x"));
    Paths root;
    EXPECT_EQ(root.add("/"), "");
    EXPECT_TRUE(root.cover("/"));
    EXPECT_TRUE(root.cover("/x"));
}

TEST(Paths, RefuseWhatNoRequestEverHas) {
    for (const char* wrong :
         {"", "admin", "//admin", "/a//b", "/a/./b", "/a/.", "/a/../b", "/..", "/a%20b", "/a?b"})
        EXPECT_NE(Paths().add(wrong).find("is no plain path"), std::string::npos) << wrong;
    EXPECT_EQ(Paths().add("/a.b/..c"), "");
}

}  // namespace
}  // namespace turnpike::access
