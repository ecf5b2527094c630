// What a plugin author may rely on in fake_host.hpp: the promises of plugin.h.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripted.h"

using turnpike::answer;
using turnpike::str;
using turnpike::text;
using turnpike::fake::Host;
using turnpike::testing::Scripted;
using turnpike::testing::send;

namespace {

TEST(FakeHost, BringsAnAnswer) {
    Scripted p;
    p.request = [&](tp_request* r) { return answer(*p.host, r, 203, "text/plain", "hello"); };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/");
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_EQ(r.status(), 203u);
    EXPECT_EQ(r.text(), "hello");
    EXPECT_EQ(r.announced(), 5);
    EXPECT_EQ(r.field("Content-Type"), "text/plain");
    EXPECT_FALSE(r.aborted());
}

TEST(FakeHost, ShowsTheRequest) {
    Scripted p;
    p.request = [&](tp_request* r) {
        const tp_request_view& v = *p.host->view(r);
        EXPECT_EQ(text(v.path), "/a b");
        EXPECT_EQ(text(v.query), "x=%20");
        EXPECT_EQ(text(v.method), "POST");
        EXPECT_EQ(v.method_id, TP_METHOD_POST);
        EXPECT_EQ(v.present, TP_HAS_RANGE);
        EXPECT_EQ(turnpike::field(v, "range"), "bytes=0-1");
        EXPECT_EQ(v.body_length, 3);
        EXPECT_EQ(text(v.site), "test");
        return TP_DECLINED;
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.request("POST", "/a%20b?x=%20").field("Range", "bytes=0-1").body("abc");
    ASSERT_TRUE(host.run(r));
    EXPECT_TRUE(r.declined());
    EXPECT_EQ(r.status(), 404u);
}

TEST(FakeHost, ChecksFieldsAndKeepsFramingToItself) {
    Scripted p;
    p.request = [&](tp_request* r) {
        tp_field bad_value{str("x"), str("a\r\nb")}, bad_name{str("x y"), str("a")};
        EXPECT_EQ(p.host->start(r, 200, &bad_value, 1, 0), -EINVAL);
        EXPECT_EQ(p.host->start(r, 200, &bad_name, 1, 0), -EINVAL);
        EXPECT_EQ(p.host->start(r, 101, nullptr, 0, 0), -EINVAL);
        tp_field good[] = {{str("x"), str("a")}, {str("Content-Length"), str("7")}, {str("date"), str("now")}};
        EXPECT_EQ(p.host->start(r, 200, good, 3, 0), 0);
        EXPECT_EQ(p.host->start(r, 200, good, 3, 0), -EALREADY);
        return TP_DONE;
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/");
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_EQ(r.fields(), (turnpike::fake::Fields{{"x", "a"}}));
}

TEST(FakeHost, LetsThePluginWaitForASlowClient) {
    Scripted p;
    std::string memory = "0123456789";
    int writable = 0, done = 0;
    p.request = [&](tp_request* r) {
        EXPECT_EQ(p.host->start(r, 200, nullptr, 0, TP_LENGTH_UNKNOWN), 0);
        EXPECT_EQ(send(p, r, memory), TP_WAIT);
        return TP_PENDING;
    };
    p.writable = [&](tp_request* r) {
        ++writable;
        memory = "abcde";  // taken: ours again
        EXPECT_EQ(send(p, r, memory, TP_LAST), TP_WAIT);
    };
    p.done = [&](tp_request*, bool) { ++done; };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/").takes(3);
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_EQ(r.text(), "0123456789abcde");
    EXPECT_EQ(writable, 1);
    EXPECT_EQ(done, 1);
    EXPECT_EQ(r.waits(), 2u);
}

TEST(FakeHost, EndsTheRequestWhenTheClientLeaves) {
    Scripted p;
    std::vector<bool> done;
    p.request = [&](tp_request* r) {
        p.host->start(r, 200, nullptr, 0, TP_LENGTH_UNKNOWN);
        EXPECT_EQ(send(p, r, "0123456789"), TP_GONE);
        EXPECT_EQ(send(p, r, "0123456789"), TP_GONE);
        return TP_PENDING;
    };
    p.done = [&](tp_request*, bool aborted) { done.push_back(aborted); };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/").leavesAfter(4);
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_EQ(r.text(), "0123");
    EXPECT_EQ(done, std::vector<bool>{true});
}

TEST(FakeHost, NoticesAClientThatLeavesWhileThePluginWaits) {
    Scripted p;
    int done = 0;
    p.request = [](tp_request*) { return TP_PENDING; };
    p.done = [&](tp_request*, bool aborted) { done += aborted ? 1 : 100; };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.begin(host.get("/"));
    host.settle();
    r.leave();
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_EQ(done, 1);
}

TEST(FakeHost, DropsBytesPastTheDeclaredLengthAndSaysSo) {
    Scripted p;
    p.request = [&](tp_request* r) {
        p.host->start(r, 200, nullptr, 0, 3);
        EXPECT_EQ(send(p, r, "abcdef", TP_LAST), TP_SENT);
        return TP_DONE;
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/");
    ASSERT_TRUE(host.run(r));
    EXPECT_EQ(r.text(), "abc");
    EXPECT_TRUE(host.logged("past the declared length"));
    EXPECT_FALSE(r.truncated());
}

TEST(FakeHost, EndsTheConnectionWhenTheBodyIsShort) {
    Scripted p;
    bool aborted = false;
    p.request = [&](tp_request* r) {
        p.host->start(r, 200, nullptr, 0, 10);
        send(p, r, "abc", TP_LAST);
        return TP_DONE;
    };
    p.done = [&](tp_request*, bool host_ended) { aborted = host_ended; };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/");
    ASSERT_TRUE(host.run(r));
    EXPECT_TRUE(r.truncated());
    EXPECT_TRUE(aborted);
}

TEST(FakeHost, SendsNoBodyForHead) {
    Scripted p;
    p.request = [&](tp_request* r) { return answer(*p.host, r, 200, "text/plain", "hello"); };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.request("HEAD", "/");
    ASSERT_TRUE(host.run(r));
    EXPECT_EQ(r.announced(), 5);
    EXPECT_EQ(r.text(), "");
    EXPECT_FALSE(r.truncated());
}

TEST(FakeHost, AnswersFailuresWithAnErrorPage) {
    Scripted p;
    p.request = [&](tp_request* r) {
        p.host->fail(r, 502, str("the backend said nothing"));
        return TP_FAILED;
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/");
    ASSERT_TRUE(host.run(r));
    EXPECT_EQ(r.status(), 502u);
    EXPECT_EQ(r.cause(), "the backend said nothing");
    EXPECT_TRUE(host.logged("the backend said nothing"));
    EXPECT_FALSE(r.aborted());
}

TEST(FakeHost, CutsTheConnectionWhenItFailsAfterTheHead) {
    Scripted p;
    p.request = [&](tp_request* r) {
        p.host->start(r, 200, nullptr, 0, TP_LENGTH_UNKNOWN);
        send(p, r, "half");
        p.host->fail(r, 502, str("died"));
        return TP_FAILED;
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/");
    ASSERT_TRUE(host.run(r));
    EXPECT_EQ(r.status(), 200u);
    EXPECT_EQ(r.text(), "half");
    EXPECT_TRUE(r.truncated());
    EXPECT_TRUE(r.aborted());
}

TEST(FakeHost, BringsTheBodyPartByPartAndNeverFromInsideTheCall) {
    Scripted p;
    std::vector<std::string> parts;
    bool inside = false;
    auto read = [&](tp_request* r) {
        inside = true;
        p.host->read_body(r);
        inside = false;
    };
    p.request = [&](tp_request* r) {
        read(r);
        return TP_PENDING;
    };
    p.body = [&](tp_request* r, std::string_view data, bool last) {
        EXPECT_FALSE(inside);
        parts.emplace_back(std::string(data) + (last ? "!" : ""));
        if (!last) return read(r);
        answer(*p.host, r, 200, "text/plain", "got it");
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.request("PUT", "/").part("one").part("two");
    host.begin(r);
    host.settle();
    EXPECT_EQ(parts, (std::vector<std::string>{"one", "two"}));  // the third is waited for
    r.part("").end();
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_EQ(parts, (std::vector<std::string>{"one", "two", "!"}));
}

TEST(FakeHost, SpoolsTheBodyInMemoryOrInAFile) {
    for (bool to_file : {false, true}) {
        Scripted p;
        p.request = [&](tp_request* r) {
            p.host->spool_body(r);
            return TP_PENDING;
        };
        p.spooled = [&](tp_request* r, const tp_body& body) {
            EXPECT_EQ(body.size, 6u);
            EXPECT_EQ(body.fd >= 0, to_file);
            char from_file[6] = {};
            if (to_file) {
                EXPECT_EQ(pread(body.fd, from_file, 6, 0), 6);
            }
            EXPECT_EQ(to_file ? std::string_view(from_file, 6) : text(body.memory), "onetwo");
            answer(*p.host, r, 200, "text/plain", "ok");
        };
        Host host;
        ASSERT_TRUE(host.load(p.table()));
        auto& r = host.request("POST", "/").part("one").part("two").end();
        if (to_file) r.spoolToFile();
        ASSERT_TRUE(host.run(r)) << r.why();
        EXPECT_EQ(r.text(), "ok");
    }
}

TEST(FakeHost, FailsARequestWhoseBodyCannotBeSpooled) {
    Scripted p;
    int done = 0;
    p.request = [&](tp_request* r) {
        p.host->spool_body(r);
        return TP_PENDING;
    };
    p.spooled = [](tp_request*, const tp_body&) { FAIL(); };
    p.done = [&](tp_request*, bool) { ++done; };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.request("POST", "/").body("much").spoolFails(413);
    ASSERT_TRUE(host.run(r));
    EXPECT_EQ(r.status(), 413u);
    EXPECT_EQ(done, 1);
}

TEST(FakeHost, RoutesAgainAfterARedirect) {
    Scripted p;
    int done = 0;
    p.request = [&](tp_request* r) {
        if (text(p.host->view(r)->path) == "/new") {
            EXPECT_EQ(text(p.host->view(r)->method), "GET");
            EXPECT_EQ(text(p.host->view(r)->query), "q");
            return answer(*p.host, r, 200, "text/plain", "new");
        }
        EXPECT_EQ(p.host->redirect(r, str("elsewhere")), -EINVAL);
        EXPECT_EQ(p.host->redirect(r, str("/new?q")), 0);
        return TP_PENDING;
    };
    p.done = [&](tp_request*, bool) { ++done; };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.request("POST", "/old").body("x");
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_EQ(r.text(), "new");
    EXPECT_EQ(r.redirects(), std::vector<std::string>{"/new?q"});
    EXPECT_EQ(done, 2);  // once for each owner
}

TEST(FakeHost, KeepsMethodAndBodyOverARewrite) {
    Scripted p;
    std::string got;
    p.request = [&](tp_request* r) {
        if (text(p.host->view(r)->path) == "/index.php") {
            EXPECT_EQ(text(p.host->view(r)->method), "POST");
            p.host->spool_body(r);
            return TP_PENDING;
        }
        EXPECT_EQ(p.host->rewrite(r, str("/index.php")), 0);
        return TP_DONE;
    };
    p.spooled = [&](tp_request* r, const tp_body& b) {
        EXPECT_EQ(p.host->rewrite(r, str("/late")), -EALREADY) << "the body is taken";
        got = text(b.memory);
        answer(*p.host, r, 200, "text/plain", "ok");
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.request("POST", "/").body("form");
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_TRUE(r.rewritten());
    EXPECT_EQ(got, "form");
}

TEST(FakeHost, StopsRedirectsAfterTen) {
    Scripted p;
    p.request = [&](tp_request* r) {
        int32_t error = p.host->redirect(r, str("/again"));
        if (error == 0) return TP_PENDING;
        EXPECT_EQ(error, -ELOOP);
        p.host->fail(r, 508, str("loop"));
        return TP_FAILED;
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/");
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_EQ(r.redirects().size(), 10u);
}

TEST(FakeHost, SendsTrailersToThoseWhoReadThem) {
    for (bool takes : {true, false}) {
        for (int64_t length : {int64_t{TP_LENGTH_UNKNOWN}, int64_t{1}}) {
            Scripted p;
            p.request = [&](tp_request* r) {
                EXPECT_EQ(turnpike::addTrailer(*p.host, r, "content-type", "a"), -EINVAL);
                EXPECT_EQ(turnpike::addTrailer(*p.host, r, "x", "a\nb"), -EINVAL);
                EXPECT_EQ(turnpike::addTrailer(*p.host, r, "x", std::string(100, 'x')), -ENOMEM);
                EXPECT_EQ(turnpike::addTrailer(*p.host, r, "x-sum", "1"), 0);
                p.host->start(r, 200, nullptr, 0, length);
                send(p, r, "a", TP_LAST);
                EXPECT_EQ(turnpike::addTrailer(*p.host, r, "x-sum", "2"), -EALREADY);
                return TP_DONE;
            };
            Host host;
            ASSERT_TRUE(host.load(p.table()));
            auto& r = host.get("/").memory(50);
            if (takes) r.takesTrailers();
            ASSERT_TRUE(host.run(r)) << r.why();
            const bool sent = takes && length == TP_LENGTH_UNKNOWN;
            EXPECT_EQ(r.trailers(), sent ? (turnpike::fake::Fields{{"x-sum", "1"}}) : turnpike::fake::Fields{});
        }
    }
}

TEST(FakeHost, RunsFiltersOnHeadAndBody) {
    Scripted p;
    std::vector<std::string> seen;
    p.response = [&](tp_request* r) {
        EXPECT_EQ(p.host->response(r)->status, 200u);
        EXPECT_EQ(p.host->response(r)->length, 4);
        p.host->set_status(r, 203);
        p.host->filter_body(r);
    };
    p.response_body = [&](tp_request* r, std::string_view data, bool last) {
        std::string changed = "<" + std::string(data) + ">";
        tp_str part = str(changed);
        EXPECT_EQ(p.host->emit(r, &part, data.empty() ? 0 : 1), TP_SENT);
        EXPECT_EQ(last ? turnpike::addTrailer(*p.host, r, "x-last", "1") : 0, 0);
        seen.push_back(changed + (last ? "!" : ""));
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/").content(200, {}, "page").takesTrailers();
    ASSERT_TRUE(host.run(r));
    EXPECT_EQ(r.status(), 203u);
    EXPECT_EQ(r.trailers(), (turnpike::fake::Fields{{"x-last", "1"}}));
    EXPECT_EQ(r.announced(), TP_LENGTH_UNKNOWN);
    EXPECT_EQ(r.text(), "<page>");
    EXPECT_EQ(seen.back(), "<>!");
}

TEST(FakeHost, TellsObserversWhatHappened) {
    Scripted p;
    tp_log_record seen{};
    p.request = [&](tp_request* r) {
        p.host->mark(r, TP_PHASE_SENT);
        return answer(*p.host, r, 200, "text/plain", "hello");
    };
    p.log = [&](tp_request* r, const tp_log_record& record) {
        EXPECT_EQ(text(p.host->view(r)->path), "/x");
        seen = record;
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    auto& r = host.get("/x");
    ASSERT_TRUE(host.run(r));
    EXPECT_EQ(seen.status, 200u);
    EXPECT_EQ(seen.bytes_sent, 5u);
    EXPECT_GE(seen.phase_us[TP_PHASE_SENT], 0);
    EXPECT_EQ(seen.phase_us[TP_PHASE_QUEUED], -1);
    EXPECT_EQ(r.marks(), 1u << TP_PHASE_SENT);
}

TEST(FakeHost, GivesMemoryUpToTheLimit) {
    Scripted p;
    p.request = [&](tp_request* r) {
        EXPECT_NE(p.host->allocate(r, 60), nullptr);
        EXPECT_EQ(p.host->allocate(r, 60), nullptr);
        return answer(*p.host, r, 200, "text/plain", "");
    };
    Host host;
    ASSERT_TRUE(host.load(p.table()));
    ASSERT_TRUE(host.run(host.get("/").memory(100)));
}

TEST(FakeHost, BindsTheDeclaredKeys) {
    Scripted p;
    p.keys = {{"text", TP_KEY_STRING, 0, "hello", ""},         {"wait", TP_KEY_DURATION, 0, "2s", ""},
              {"room", TP_KEY_SIZE, 0, "64KiB", ""},           {"on", TP_KEY_BOOLEAN, 0, "true", ""},
              {"names", TP_KEY_LIST, 0, "[\"a\", \"b\"]", ""}, {"env", TP_KEY_MAP, 0, nullptr, ""}};
    p.configure = [&](const tp_host* h, tp_setup* s) -> void* {
        EXPECT_EQ(text(h->config_string(s, "text")), "hello");
        EXPECT_EQ(h->config_integer(s, "wait"), 500);
        EXPECT_EQ(h->config_is_set(s, "wait"), 1);
        EXPECT_EQ(h->config_is_set(s, "room"), 0);
        EXPECT_EQ(h->config_integer(s, "room"), 65536);
        EXPECT_EQ(h->config_integer(s, "on"), 1);
        const tp_str* names = nullptr;
        EXPECT_EQ(h->config_list(s, "names", &names), 2u);
        EXPECT_EQ(text(names[1]), "b");
        const tp_field* env = nullptr;
        EXPECT_EQ(h->config_map(s, "env", &env), 1u);
        EXPECT_EQ(text(env[0].value), "v");
        EXPECT_EQ(text(h->site_root(s)), "/srv");
        return h->config_error(s, "text", "not today");
    };
    Host host;
    host.site.root = "/srv";
    host.set("wait", "500ms").setMap("env", {{"k", "v"}});
    EXPECT_FALSE(host.load(p.table()));
    EXPECT_EQ(host.problems(), std::vector<std::string>{"text: not today"});
}

TEST(FakeHost, RefusesSettingsThatThePluginDidNotDeclare) {
    Scripted p;
    p.keys = {{"port", TP_KEY_INTEGER, 1, nullptr, ""}};
    Host host;
    host.set("prot", "80");
    EXPECT_FALSE(host.load(p.table()));
    EXPECT_THAT(host.problems(), testing::ElementsAre("port: must be set", "prot: unknown key"));
}

}  // namespace
