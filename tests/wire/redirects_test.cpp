// Requests that scripts and error pages send on inside the server, through routes that send them on as well.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "wire.h"

namespace turnpike::wire {
namespace {
using ::testing::HasSubstr;

class WireRedirects : public WireTest<WireRedirects> {
 public:
    static std::unique_ptr<Site> makeSite() {
        auto site = std::make_unique<Site>(
            "",
            "error_pages = { 404 = \"/app/missing\" }\n"
            "[[site.hook]]\nplugin = \"rewrite\"\npath = \"^/pretty$\"\nrewrite = \"/view?from=rule\"\n"
            "[[site.route]]\nprefix = \"/app/\"\ntry = [\"$path\", \"/view?from=try\"]\nplugin = \"static\"\n");
        // The path behind the program's name is where it leads; "read" takes the body first.
        program(*site, "go", "printf 'Location: %s\\n\\n' \"$PATH_INFO\"\n");
        program(*site, "read", "cat > /dev/null\nprintf 'Location: %s\\n\\n' \"$PATH_INFO\"\n");
        return site;
    }

 protected:
    static void program(const Site& site, const std::string& name, const std::string& text) {
        site.root().write("cgi-bin/" + name, "#!/bin/sh\n" + text);
        ::chmod((site.root().path() + "/cgi-bin/" + name).c_str(), 0755);
    }
    static void expectView(const Answer& answer, const std::string& from) {
        EXPECT_EQ(answer.status, 200) << answer.head;
        EXPECT_THAT(answer.body, HasSubstr("method=GET\npath=/view\nquery=from=" + from + "\n"));
    }
};

TEST_F(WireRedirects, OfAScriptEndWhereTryLeads) {
    for (const std::string program : {"/cgi-bin/go", "/cgi-bin/read"}) {
        expectView(ask(port(), request(program + "/app/page")), "try");
        expectView(ask(port(), post(program + "/app/page", "a body")), "try");
    }
}

TEST_F(WireRedirects, OfAScriptEndWhereARuleLeads) {
    for (const std::string program : {"/cgi-bin/go", "/cgi-bin/read"}) {
        expectView(ask(port(), request(program + "/pretty")), "rule");
        expectView(ask(port(), post(program + "/pretty", "a body")), "rule");
    }
}

TEST_F(WireRedirects, ToAnErrorPageEndWhereTryLeads) {
    for (const std::string& bytes : {request("/missing"), post("/missing", "a body")}) {
        const Answer answer = ask(port(), bytes);
        EXPECT_EQ(answer.status, 404);
        EXPECT_THAT(answer.body, HasSubstr("path=/view\nquery=from=try\n"));
    }
}

TEST_F(WireRedirects, GoRoundInACircleOnlySoOften) { EXPECT_EQ(ask(port(), request("/loop")).status, 500); }

TEST_F(WireRedirects, BringNobodyABodyThatAnotherOneHasAskedFor) {
    for (const std::string& bytes : {request("/cgi-bin/go/hasty"), post("/cgi-bin/go/hasty", "a body")})
        EXPECT_EQ(ask(port(), bytes).body, "in time\n");
}

}  // namespace
}  // namespace turnpike::wire
