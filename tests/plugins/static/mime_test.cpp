#include "mime.h"

#include <gtest/gtest.h>

#include <sstream>

namespace turnpike::static_files {

TEST(MimeTypes, KnowTheWeb) {
    const MimeTypes types;
    EXPECT_EQ(types.typeOf("/index.html"), "text/html");
    EXPECT_EQ(types.typeOf("/a/b.min.js"), "text/javascript");
    EXPECT_EQ(types.typeOf("/x.WOFF2"), "font/woff2");
    EXPECT_EQ(types.typeOf("/site.webmanifest"), "application/manifest+json");
    EXPECT_EQ(types.typeOf("/first.7z"), "application/x-7z-compressed");
    EXPECT_EQ(types.typeOf("/last.zst"), "application/zstd");
}

TEST(MimeTypes, AreEmptyForTheUnknown) {
    const MimeTypes types;
    for (const char* path : {"/README", "/a.b/c", "/x.", "/.html", "/x.nope", "", "/"})
        EXPECT_EQ(types.typeOf(path), "") << path;
}

TEST(MimeTypes, ReadAFileBehindTheBuiltInOnes) {
    MimeTypes types;
    std::istringstream file(
        "# comment\n\ntext/x-note note nt # trailing\napplication/wrong html\nnonsense foo\napplication/none\n"
        "text/x-later note\n");
    types.setFile(std::make_shared<const FileTypes>(readTypes(file)));
    EXPECT_EQ(types.typeOf("/a.note"), "text/x-note");
    EXPECT_EQ(types.typeOf("/a.NT"), "text/x-note");
    EXPECT_EQ(types.typeOf("/a.html"), "text/html");
    EXPECT_EQ(types.typeOf("/a.foo"), "");
}

TEST(MimeTypes, PreferWhatTheConfigSays) {
    MimeTypes types;
    EXPECT_TRUE(types.set("html", "application/xhtml+xml"));
    EXPECT_TRUE(types.set(".Note", "text/plain"));
    EXPECT_EQ(types.typeOf("/a.html"), "application/xhtml+xml");
    EXPECT_EQ(types.typeOf("/a.note"), "text/plain");
}

TEST(MimeTypes, RefuseWhatIsNone) {
    MimeTypes types;
    for (const char* type : {"", "text", "/plain", "text/", "text/plain\r\nx: y", "text/\xc3\xbc"})
        EXPECT_FALSE(types.set("x", type)) << type;
}

TEST(MimeTypes, TellTheCharsetOfText) {
    MimeTypes types;
    types.set("own", "text/x-own; charset=iso-8859-1");
    types.setCharset("utf-8");
    EXPECT_EQ(types.typeOf("/a.txt"), "text/plain; charset=utf-8");
    EXPECT_EQ(types.typeOf("/a.own"), "text/x-own; charset=iso-8859-1");
    EXPECT_EQ(types.typeOf("/a.png"), "image/png");
    EXPECT_EQ(types.typeOf("/a.json"), "application/json");
}

}  // namespace turnpike::static_files
