// Every mistake in the config is told by its key, and the README's table is that of the code.
#include "rewrite/settings.h"

#include "fixture.h"
#include "support/readme_keys.h"

namespace turnpike::rewrite {
namespace {

struct Mistake {
    std::vector<std::pair<std::string, std::string>> keys;
    std::string message;
};

TEST(RewriteSettings, RefusesWhatCannotBeMeant) {
    const Mistake mistakes[] = {
        {{{"path", "^/x"}}, "does nothing: set `redirect`"},
        {{{"redirect", "/x"}}, "applies to every request"},
        {{{"path", "^/(x"}, {"redirect", "/y"}}, "path: \"^/(x\": missing closing parenthesis at character 5"},
        {{{"path", ""}, {"redirect", "/y"}}, "path: an empty pattern"},
        {{{"path", "^/x"}, {"redirect", "/y"}, {"refuse", "403"}}, "refuse: is set beside `redirect`"},
        {{{"path", "^/x"}, {"redirect", "/$1"}}, "redirect: \"$1\" is a group that `path` does not have"},
        {{{"path", "!^/(x)"}, {"redirect", "/$1"}}, "\"$1\" is a group that `path` does not have"},
        {{{"path", "^/x"}, {"redirect", "/$pth"}}, "redirect: there is no \"$pth\""},
        {{{"path", "^/x"}, {"redirect", "/$map"}}, "redirect: there is no \"$map\""},
        {{{"path", "^/x"}, {"redirect", "/a$"}}, "written \"$$\""},
        {{{"path", "^/(x)"}, {"redirect", "//$1"}}, "redirect: must not begin with two slashes"},
        {{{"path", "^/(x)"}, {"redirect", "javascript:$1"}}, "redirect: must begin with"},
        {{{"path", "^/x"}, {"redirect", "/a b"}}, "redirect: may hold visible ASCII"},
        {{{"path", "^/x"}, {"redirect", "/y"}, {"status", "304"}}, "status: must be 301"},
        {{{"path", "^/x"}, {"rewrite", "/y"}, {"status", "301"}}, "status: is for `redirect` only"},
        {{{"path", "^/x"}, {"rewrite", "https://x"}}, "rewrite: must begin with"},
        {{{"path", "^/x"}, {"refuse", "200"}}, "refuse: must be a status from 400 to 599"},
        {{{"path", "^/x"}, {"refuse", "403"}, {"scheme", "ftp"}}, "scheme: must be \"http\" or \"https\""},
        {{{"path", "(?<a>x)"}, {"host", "(?<a>x)"}, {"refuse", "403"}}, "host: a group is named \"a\""},
        {{{"path", "^/x"}, {"map_file", "x"}, {"refuse", "403"}}, "map_file: \"x\" must be an absolute path"},
        {{{"path", "^/x"}, {"map_file", "/nowhere"}, {"refuse", "403"}},
         "map_file: cannot read \"/nowhere\": No such"},
    };
    for (const Mistake& mistake : mistakes) {
        fake::Host own;
        for (const auto& [key, value] : mistake.keys) own.set(key, value);
        ASSERT_FALSE(own.load(tp_plugin_entry)) << mistake.message;
        EXPECT_NE(own.problems().at(0).find(mistake.message), std::string::npos) << own.problems().at(0);
    }
}

TEST_F(RewriteTest, RefusesALineThatIsNoPair) {
    folder.write("map", "/a /b\n/c\n");
    host.set("map_file", folder.path() + "/map").set("redirect", "$map");
    expectRefusal("line 2: a key without a value");
}

TEST_F(RewriteTest, RefusesAKeyThatStandsTwice) {
    folder.write("map", "/a /b\n/a /c\n");
    host.set("map_file", folder.path() + "/map").set("redirect", "$map");
    expectRefusal("line 2: \"/a\" stands there twice");
}

TEST(RewriteSettings, HasTheKeysThatTheReadmeSays) { turnpike::testing::expectKeysOf(kKeys, REWRITE_README); }

}  // namespace
}  // namespace turnpike::rewrite
