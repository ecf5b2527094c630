#include "access/settings.h"

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

TEST_F(AccessSettings, AreWhatTheReadmeSays) { testing::expectKeysOf(kKeys, ACCESS_README); }

}  // namespace turnpike::access
