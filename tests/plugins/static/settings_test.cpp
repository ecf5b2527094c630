#include "settings.h"
#include "fixture.h"
#include "support/readme_keys.h"

namespace turnpike::static_files {

class StaticSettings : public StaticTest {
 protected:
    void expectRefusal(const std::string& part) {
        ASSERT_FALSE(host.load(tp_plugin_entry));
        EXPECT_NE(host.problems().at(0).find(part), std::string::npos) << host.problems().at(0);
    }
};

TEST_F(StaticSettings, NeedASiteWithARoot) {
    host.site.root = "";
    expectRefusal("no root");
}

TEST_F(StaticSettings, NeedAHostWithFiles) {
    host.extend(TP_IO_ID, nullptr);
    expectRefusal(TP_IO_ID);
}

TEST_F(StaticSettings, RefuseATypeThatIsNone) {
    host.setMap("types", {{"md", "markdown"}});
    expectRefusal("types: \"markdown\" is no media type");
}

TEST_F(StaticSettings, RefuseAFileOfTypesThatIsNotThere) {
    host.set("mime_types", "/nonexistent/mime.types");
    expectRefusal("mime_types: cannot read \"/nonexistent/mime.types\": No such file");
}

TEST_F(StaticSettings, RefuseControlCharactersInFields) {
    host.set("cache_control", "max-age=1\r\nset-cookie: x");
    expectRefusal("cache_control: may hold");
}

TEST_F(StaticSettings, RefuseNegativeNumbers) {
    host.set("open_files", "-5");
    expectRefusal("open_files: must not be negative");
}

TEST_F(StaticSettings, RefuseAWayOfSendingThatIsNone) {
    host.set("send", "mmap");
    expectRefusal("send: must be \"sendfile\" or \"read\", not \"mmap\"");
}

TEST_F(StaticSettings, TakeTypesFromTheConfigAndFromAFile) {
    write("/types", "text/x-note note\n");
    host.setMap("types", {{".html", "text/plain"}}).set("mime_types", root + "/types").set("charset", "");
    write("/a.html", "x");
    write("/a.note", "x");
    load();
    EXPECT_EQ(get("/a.html").field("content-type"), "text/plain");
    EXPECT_EQ(get("/a.note").field("content-type"), "text/x-note");
}

TEST_F(StaticSettings, AreWhatTheReadmeSays) { testing::expectKeysOf(kKeys, STATIC_README); }

}  // namespace turnpike::static_files
