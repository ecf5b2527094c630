// Who may enter by address.
#include "fixture.h"

namespace turnpike::access {

class AccessByAddress : public AccessTest {};

TEST_F(AccessByAddress, AllowsThoseThatAreListedOnly) {
    host.setList("allow", {"10.0.0.0/8", "::1"});
    load();
    EXPECT_EQ(statusFrom("10.1.2.3"), 200u);
    EXPECT_EQ(statusFrom("::ffff:10.1.2.3"), 200u);
    EXPECT_EQ(statusFrom("::1"), 200u);
    EXPECT_EQ(statusFrom("192.0.2.1"), 403u);
    EXPECT_EQ(statusFrom("unix:"), 403u);
    EXPECT_TRUE(host.logged("the client's address 192.0.2.1 may not enter"));
}

TEST_F(AccessByAddress, DeniesThoseThatAreListedOnly) {
    host.setList("deny", {"192.0.2.0/24"});
    load();
    EXPECT_EQ(statusFrom("192.0.2.1"), 403u);
    EXPECT_EQ(statusFrom("192.0.3.1"), 200u);
    EXPECT_EQ(statusFrom("unix:"), 200u);
}

TEST_F(AccessByAddress, LetsDenyWinWhateverIsSmaller) {
    host.setList("allow", {"10.0.0.0/8", "192.0.2.1"}).setList("deny", {"10.9.0.0/16", "192.0.2.0/24"});
    load();
    EXPECT_EQ(statusFrom("10.8.0.1"), 200u);
    EXPECT_EQ(statusFrom("10.9.0.1"), 403u);
    EXPECT_EQ(statusFrom("192.0.2.1"), 403u);
}

TEST_F(AccessByAddress, GuardsItsPathsOnly) {
    host.setList("deny", {"all"}).setList("paths", {"/admin"});
    load();
    EXPECT_EQ(statusFrom("127.0.0.1", "/admin"), 403u);
    EXPECT_EQ(statusFrom("127.0.0.1", "/admin/x?y"), 403u);
    EXPECT_EQ(statusFrom("127.0.0.1", "/administrator"), 200u);
    EXPECT_EQ(statusFrom("127.0.0.1", "/"), 200u);
}

}  // namespace turnpike::access
