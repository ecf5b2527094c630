// A script leaves its answer to the server: X-Sendfile and X-Accel-Redirect, whichever way the script is run.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "fixture.h"

namespace turnpike::conformance {
namespace {

std::string encoded(const std::string& bytes) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string text;
    for (char c : bytes) {
        auto byte = static_cast<unsigned char>(c);
        text += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
    return text;
}

constexpr const char* kScript =
    "<?php header_remove('X-Powered-By'); foreach (explode(\"\\n\", $_GET['say']) as $h) "
    "header($h, false); echo 'of the script';";

class Handover : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        outside = new TempFolder;
        ::chmod(outside->path().c_str(), 0755);
        for (const char* folder : {"/private", "/private/deep er", "/private2"})
            std::filesystem::create_directory(outside->path() + folder);
        outside->write("private/secret.pdf", "0123456789");
        outside->write("private/deep er/caf\xc3\xa9 50%.txt", "deep");
        outside->write("private/script.php", "<?php secret");
        outside->write("private2/other.txt", "other");
        outside->write("beside.txt", "beside");
        std::filesystem::create_symlink("../beside.txt", outside->path() + "/private/link.txt");
        const std::string routes = "[[site.route]]\nprefix = \"/inside/\"\nroot = \"" + outside->path() +
                                   "/private\"\ninternal = true\nplugin = \"static\"\n";
        on = new Gateways("x_sendfile = true\nx_accel_redirect = true\nserver_timing = true\n", routes);
        off = new Gateways("", routes);
        for (Gateways* site : {on, off})
            for (const Way& way : site->php()) write(site->root() + way.folder + "/say.php", kScript);
    }
    static void TearDownTestSuite() {
        delete on;
        delete off;
        delete outside;
    }
    static void write(const std::string& path, const std::string& text) {
        FILE* file = std::fopen(path.c_str(), "w");
        std::fputs(text.c_str(), file);
        std::fclose(file);
    }
    /// Where a script answers with these field lines, by every way there is.
    static std::vector<std::string> targets(const Gateways& site, const std::string& lines) {
        std::vector<std::string> all;
        for (const Way& way : site.programs())
            all.push_back(way.folder + "/says?" +
                          encoded("Content-Type: text/x-script\n" + lines + "\n\nof the script"));
        for (const Way& way : site.php())
            all.push_back(way.folder + "/say.php?say=" + encoded("Content-Type: text/x-script\n" + lines));
        return all;
    }
    static std::string file(const std::string& name) { return outside->path() + "/" + name; }
    static void expectNoTrace(const Answer& answer) {
        for (const auto& [name, value] : answer.fields) {
            EXPECT_FALSE(name.starts_with("x-accel") || name == "x-sendfile") << name;
            EXPECT_EQ(value.find(outside->path()), std::string::npos) << name;
        }
        EXPECT_EQ(answer.body.find(outside->path()), std::string::npos);
    }

    static inline TempFolder* outside = nullptr;
    static inline Gateways *on = nullptr, *off = nullptr;
};

TEST_F(Handover, SendsTheFileInsteadOfTheBody) {
    for (const std::string& lines :
         {"X-Sendfile: " + file("private/secret.pdf"), std::string("X-Accel-Redirect: /inside/secret.pdf")})
        for (const std::string& target :
             targets(*on,
                     lines + "\nContent-Disposition: attachment\nSet-Cookie: a=1\nSet-Cookie: b=2\nX-Other: no")) {
            SCOPED_TRACE(target);
            Answer answer = get(on->port(), target);
            EXPECT_EQ(answer.status, 200);
            EXPECT_EQ(answer.body, "0123456789");
            EXPECT_TRUE(answer.whole);
            EXPECT_TRUE(answer.field("content-type").starts_with("text/x-script")) << answer.head;
            EXPECT_EQ(answer.field("content-disposition"), "attachment");
            EXPECT_EQ(std::count_if(answer.fields.begin(), answer.fields.end(),
                                    [](const auto& f) { return f.first == "set-cookie"; }),
                      2);
            EXPECT_EQ(answer.field("x-other"), "");
            EXPECT_NE(answer.field("etag"), "");
            expectNoTrace(answer);
        }
}

TEST_F(Handover, KnowsRangesConditionsAndHead) {
    for (const std::string& target : targets(*on, "X-Sendfile: " + file("private/secret.pdf"))) {
        SCOPED_TRACE(target);
        Answer part = get(on->port(), target, "Range: bytes=2-4\r\n");
        EXPECT_EQ(part.status, 206);
        EXPECT_EQ(part.body, "234");
        EXPECT_EQ(part.field("content-range"), "bytes 2-4/10");
        Answer same = get(on->port(), target, "If-None-Match: " + part.field("etag") + "\r\n");
        EXPECT_EQ(same.status, 304);
        EXPECT_EQ(same.body, "");
        RawClient client(on->port());
        client.send("HEAD " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Answer head = client.answer(true);
        EXPECT_EQ(head.status, 200);
        EXPECT_EQ(head.field("content-length"), "10");
    }
}

TEST_F(Handover, KnowsNamesThatNeedEncoding) {
    for (const std::string& target : targets(*on, "X-Sendfile: " + file("private/deep er/caf\xc3\xa9 50%.txt")))
        EXPECT_EQ(get(on->port(), target).body, "deep") << target;
}

TEST_F(Handover, NeverLeadsOutside) {
    const std::vector<std::string> lines = {
        "X-Sendfile: " + file("beside.txt"),
        "X-Sendfile: " + file("private2/other.txt"),
        "X-Sendfile: " + file("private/../beside.txt"),
        "X-Sendfile: " + file("private/./secret.pdf"),
        "X-Sendfile: " + file("private//secret.pdf"),
        "X-Sendfile: " + file("private/"),
        "X-Sendfile: " + file("private"),
        "X-Sendfile: secret.pdf",
        "X-Sendfile: /etc/passwd",
        "X-Sendfile: " + file("private/link.txt"),
        "X-Sendfile: " + file("private/script.php"),
        "X-Sendfile: " + file("private/absent"),
        "X-Accel-Redirect: http://elsewhere/",
        "X-Accel-Redirect: /inside/../../beside.txt",
        "X-Accel-Redirect: /inside/%2e%2e/beside.txt",
        "X-Accel-Redirect: /inside/link.txt",
        "X-Accel-Redirect: secret.pdf",
    };
    for (const std::string& line : lines)
        for (const std::string& target : targets(*on, line)) {
            SCOPED_TRACE(line + " " + target);
            Answer answer = get(on->port(), target);
            EXPECT_GE(answer.status, 400);
            EXPECT_TRUE(answer.whole);
            EXPECT_EQ(answer.body.find("beside"), std::string::npos);
            EXPECT_EQ(answer.body.find("of the script"), std::string::npos);
            EXPECT_FALSE(answer.field("content-type").starts_with("text/x-script")) << "an error page has its own";
            expectNoTrace(answer);
        }
}

TEST_F(Handover, IsTheOnlyWayToAnInternalRoute) {
    for (const char* path : {"/inside/secret.pdf", "/inside/", "/%69nside/secret.pdf"})
        EXPECT_EQ(get(on->port(), path).status, 404) << path;
    // A script's own redirect may follow what a client wrote.
    EXPECT_EQ(get(on->port(), "/cgi/says?" + encoded("Location: /inside/secret.pdf\n\n")).status, 404);
}

TEST_F(Handover, EndsWhereItGoesRound) {
    const std::string self = "/cgi/says?" + encoded("Content-Type: a/b\nX-Accel-Redirect: /cgi/environment\n\n");
    EXPECT_EQ(get(on->port(), self).status, 200);
    write(on->root() + "/cgi/round",
          "#!/bin/sh\nprintf 'Content-Type: a/b\\nX-Accel-Redirect: /cgi/round\\n\\n'\n");
    ::chmod((on->root() + "/cgi/round").c_str(), 0755);
    EXPECT_EQ(get(on->port(), "/cgi/round").status, 500);
}

TEST_F(Handover, IsOffByDefaultAndTheFieldsStillStay) {
    for (const std::string& line :
         {"X-Sendfile: " + file("private/secret.pdf"), std::string("X-Accel-Redirect: /inside/secret.pdf"),
          std::string("X-Accel-Buffering: no")})
        for (const std::string& target : targets(*off, line)) {
            SCOPED_TRACE(target);
            Answer answer = get(off->port(), target);
            EXPECT_EQ(answer.status, 200);
            EXPECT_EQ(answer.body, "of the script");
            expectNoTrace(answer);
        }
}

TEST_F(Handover, GoesBesideTheTimesOfTheRequest) {
    Answer script = get(on->port(), "/fcg/says?" + encoded("Content-Type: a/b\nServer-Timing: db;dur=2\n\n"));
    EXPECT_NE(script.head.find("route;dur="), std::string::npos) << script.head;
    EXPECT_NE(script.head.find("backend;dur="), std::string::npos) << script.head;
    EXPECT_NE(script.head.find("db;dur=2"), std::string::npos) << script.head;
    EXPECT_EQ(get(off->port(), "/plain.txt").field("server-timing"), "");
    EXPECT_TRUE(get(on->port(), "/plain.txt").field("server-timing").starts_with("route;dur=0."));
}

}  // namespace
}  // namespace turnpike::conformance
