#include "access/settings.h"

#include <filesystem>

#include "fixture.h"
#include "support/readme_keys.h"

namespace turnpike::access {

class AccessSettings : public AccessTest {};

TEST_F(AccessSettings, MustGuardSomething) { expectRefusal("guards nothing"); }

TEST_F(AccessSettings, NameTheAddressThatIsNone) {
    host.setList("allow", {"10.0.0.0/8", "localhost"});
    expectRefusal("allow: \"localhost\" is no address");
}

TEST_F(AccessSettings, NameThePathThatIsNone) {
    host.setList("allow", {"all"}).setList("paths", {"/a/../b"});
    expectRefusal("paths: \"/a/../b\" is no plain path");
}

TEST_F(AccessSettings, RefuseToDenyAllBesideAllow) {
    host.setList("allow", {"10.0.0.0/8"}).setList("deny", {"all"});
    expectRefusal("deny: \"all\" refuses everybody");
}

TEST_F(AccessSettings, NameTheLineOfAUserThatIsWrong) {
    const std::string path = setUsers("ann:" + cheapHash("p") + "\nbob:$apr1$N0JcOPM2$ZTTDLdN9n5qw6oMNZnNn1.\n");
    expectRefusal("users: " + path + ":2: \"bob\": the password is MD5 (apr1)");
}

TEST_F(AccessSettings, NeedAFileOfUsersThatIsThere) {
    host.set("users", "/nonexistent/users");
    expectRefusal("users: cannot read \"/nonexistent/users\": No such file");
}

TEST_F(AccessSettings, NeedAnAbsolutePathOfAFile) {
    host.set("users", "users");
    expectRefusal("users: \"users\" must be an absolute path");
}

TEST_F(AccessSettings, RefuseAFolderOfUsers) {
    host.set("users", folder.path());
    expectRefusal("is no file");
}

TEST_F(AccessSettings, RefuseNoFileWhereOneWasMeant) {
    host.set("users", "");
    expectRefusal("users: must not be empty");
}

TEST_F(AccessSettings, RefuseUsersThatCouldBeSent) {
    setUsers("ann:" + cheapHash("p"));
    host.site.root = folder.path();
    expectRefusal("lies below the site's root");
}

TEST_F(AccessSettings, RefuseUsersThatALinkBringsBelowTheRoot) {
    folder.write("site/users", "ann:" + cheapHash("p"));
    std::filesystem::create_symlink(folder.path() + "/site/users", folder.path() + "/link");
    host.site.root = folder.path() + "/site";
    host.set("users", folder.path() + "/link");
    expectRefusal("lies below the site's root");
}

TEST_F(AccessSettings, RefuseUsersThatALinkShowsBelowTheRoot) {
    const std::string path = setUsers("ann:" + cheapHash("p"));
    std::filesystem::create_directory(folder.path() + "/site");
    std::filesystem::create_symlink(path, folder.path() + "/site/link");
    host.site.root = folder.path() + "/site";
    host.set("users", folder.path() + "/other/../site/link");
    expectRefusal("lies below the site's root");
}

TEST_F(AccessSettings, TakeUsersBesideTheRoot) {
    setUsers("ann:" + cheapHash("p"));
    std::filesystem::create_directory(folder.path() + "/user");
    host.site.root = folder.path() + "/user";
    load();
    EXPECT_FALSE(host.logged("chmod"));
}

TEST_F(AccessSettings, RefuseUsersThatAGroupMayChange) {
    setUsers("ann:" + cheapHash("p"), 0660);
    expectRefusal("chmod go-w");
}

TEST_F(AccessSettings, RefuseUsersThatOthersMayChange) {
    setUsers("ann:" + cheapHash("p"), 0602);
    expectRefusal("chmod go-w");
}

TEST_F(AccessSettings, WarnOfUsersThatEverybodyMayRead) {
    setUsers("ann:" + cheapHash("p"), 0644);
    load();
    EXPECT_TRUE(host.logged("chmod o-r"));
}

TEST_F(AccessSettings, RefuseARealmThatWouldEndTheField) {
    setUsers("ann:" + cheapHash("p"));
    host.set("realm", "a\r\nset-cookie: x");
    expectRefusal("realm: may hold visible");
}

TEST_F(AccessSettings, RefuseToRememberForLong) {
    setUsers("ann:" + cheapHash("p"));
    host.set("remember", "2h");
    expectRefusal("remember: must be between 0s and 1h");
}

TEST_F(AccessSettings, RefuseAnySatisfactionButTwo) {
    host.setList("allow", {"all"}).set("satisfy", "some");
    expectRefusal("satisfy: must be \"all\" or \"any\", not \"some\"");
}

TEST_F(AccessSettings, RefuseToChooseFromOne) {
    host.setList("allow", {"10.0.0.0/8"}).set("satisfy", "any");
    expectRefusal("satisfy: \"any\" needs both");
}

TEST_F(AccessSettings, AreWhatTheReadmeSays) { testing::expectKeysOf(kKeys, ACCESS_README); }

}  // namespace turnpike::access
