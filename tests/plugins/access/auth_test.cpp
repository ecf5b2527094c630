// Requests that a service has to let pass.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "access/auth_reply.h"
#include "fixture.h"

namespace turnpike::access {

/// Gives each question the same answer, and keeps what was asked.
class Service {
 public:
    explicit Service(std::string answer) : answer_(std::move(answer)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        ::listen(listener_, 16);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~Service() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
        for (const int fd : open_) ::close(fd);
    }
    std::string url(const std::string& path = "/check?by=turnpike") const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }
    std::vector<std::string> asked() {
        const std::lock_guard lock(mutex_);
        return asked_;
    }

 private:
    void serve() {
        for (int fd = ::accept(listener_, nullptr, nullptr); fd >= 0; fd = ::accept(listener_, nullptr, nullptr)) {
            std::string head;
            char byte = 0;
            while (!head.ends_with("\r\n\r\n") && ::read(fd, &byte, 1) == 1) head += byte;
            const std::lock_guard lock(mutex_);
            asked_.push_back(head);
            // In two pieces; an empty answer is one that never comes.
            const std::string one = answer_.substr(0, answer_.size() / 2), two = answer_.substr(one.size());
            if (::write(fd, one.data(), one.size()) >= 0) ::usleep(1000);
            if (::write(fd, two.data(), two.size()) < 0) return;
            if (answer_.empty())
                open_.push_back(fd);
            else
                ::close(fd);
        }
    }
    const std::string answer_;
    int listener_ = -1;
    uint16_t port_ = 0;
    std::mutex mutex_;
    std::vector<std::string> asked_;
    std::vector<int> open_;
    std::thread thread_;
};

class AccessByService : public AccessTest {
 protected:
    fake::Request& ask(Service& service, const std::string& target = "/private?x=1") {
        host.set("auth", service.url());
        load();
        return send(host.get(target)
                        .field("Cookie", "sid=1")
                        .field("X-Original-URI", "/open")
                        .field("Range", "bytes=0-1"));
    }
    unsigned statusOf(const std::string& answer) {
        Service service(answer);
        return ask(service).status();
    }
};

TEST_F(AccessByService, LetsInWhomItGrants) {
    Service service("HTTP/1.1 204 No Content\r\nX-User: ann\r\nSet-Cookie: a=1\r\nX-Other: no\r\n\r\n");
    host.set("auth_user", "X-User").setList("auth_pass", {"Set-Cookie"});
    fake::Request& request = ask(service);
    EXPECT_EQ(request.status(), 200u);
    EXPECT_EQ(request.text(), "content");
    EXPECT_EQ(request.remoteUser(), "ann");
    EXPECT_EQ(request.field("set-cookie"), "a=1");
    EXPECT_EQ(request.field("x-other"), "");
    ASSERT_EQ(service.asked().size(), 1u);
    const std::string asked = service.asked()[0];
    EXPECT_TRUE(asked.starts_with("GET /check?by=turnpike HTTP/1.1\r\n")) << asked;
    for (const char* line :
         {"\r\nX-Original-URI: /private?x=1\r\n", "\r\nX-Original-Method: GET\r\n",
          "\r\nX-Forwarded-For: 127.0.0.1\r\n", "\r\ncookie: sid=1\r\n", "\r\nConnection: close\r\n"})
        EXPECT_NE(asked.find(line), std::string::npos) << line << asked;
    EXPECT_EQ(asked.find("/open"), std::string::npos) << "the client says nothing of that";
    EXPECT_EQ(asked.find("range"), std::string::npos) << asked;
}

// Fields of these names are the service's word, also where it says nothing.
TEST_F(AccessByService, TellsProgramsWhatItWasTold) {
    Service service("HTTP/1.1 200 OK\r\nX-Groups: staff\r\nX-Other: no\r\n\r\n");
    host.set("auth", service.url()).setList("auth_forward", {"X-Groups", "X-Admin"});
    load();
    fake::Request& request =
        send(host.get("/").field("X-Groups", "root").field("X-Admin", "1").field("X-Other", "own"));
    EXPECT_EQ(request.status(), 200u);
    EXPECT_EQ(request.asked("x-groups"), "staff");
    EXPECT_EQ(request.asked("x-admin"), "");
    EXPECT_EQ(request.asked("x-other"), "own");
}

TEST_F(AccessByService, FailsWhereAFieldCannotBeForwarded) {
    Service service("HTTP/1.1 200 OK\r\nHost: other\r\n\r\n");
    host.set("auth", service.url()).setList("auth_forward", {"Host"});
    load();
    EXPECT_EQ(send(host.get("/")).status(), 500u);
    EXPECT_TRUE(host.logged("\"host\" cannot be one of the request (auth_forward)"));
}

TEST_F(AccessByService, SkipsInterimAnswers) {
    EXPECT_EQ(statusOf("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nbody"), 200u);
}

TEST_F(AccessByService, PassesRefusalsOn) {
    Service service("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nX-Other: no\r\n\r\nno");
    fake::Request& request = ask(service);
    EXPECT_EQ(request.status(), 401u);
    EXPECT_EQ(request.field("www-authenticate"), "Bearer");
    EXPECT_NE(request.text(), "content");
}

TEST_F(AccessByService, RefusesWhomItForbids) { EXPECT_EQ(statusOf("HTTP/1.1 403 Forbidden\r\n\r\n"), 403u); }
TEST_F(AccessByService, FailsOnARedirect) {
    EXPECT_EQ(statusOf("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"), 500u);
}
TEST_F(AccessByService, FailsOnAFault) { EXPECT_EQ(statusOf("HTTP/1.1 500 Oops\r\n\r\n"), 500u); }
TEST_F(AccessByService, FailsOnNonsense) { EXPECT_EQ(statusOf("SSH-2.0-OpenSSH\r\n\r\n"), 503u); }
TEST_F(AccessByService, FailsOnHalfAnAnswer) { EXPECT_EQ(statusOf("HTTP/1.1 200 OK\r\nX-Half: "), 503u); }

TEST_F(AccessByService, FailsWhenNobodyListens) {
    std::string url;
    { url = Service("x").url(); }
    host.set("auth", url);
    load();
    EXPECT_EQ(send(host.get("/")).status(), 503u);
    EXPECT_TRUE(host.logged("cannot connect to 127.0.0.1:"));
}

TEST_F(AccessByService, FailsWhenTheServiceTakesTooLong) {
    Service service("");
    host.set("auth_timeout", "50ms");
    EXPECT_EQ(ask(service).status(), 503u);
    EXPECT_TRUE(host.logged("(auth_timeout)"));
}

TEST_F(AccessByService, ForgetsAClientThatHasLeft) {
    Service service("");
    host.set("auth", service.url());
    load();
    fake::Request& request = host.begin(host.get("/"));
    ASSERT_TRUE(host.runUntil([&] { return service.asked().size() == 1; }));
    request.leave();
    EXPECT_TRUE(host.runUntil([&] { return request.done(); }));
    EXPECT_TRUE(request.aborted());
}

TEST_F(AccessByService, IsAskedAfterThePassword) {
    Service service("HTTP/1.1 200 OK\r\n\r\n");
    setUsers("ann:" + cheapHash("secret") + "\n");
    host.set("auth", service.url());
    load();
    EXPECT_EQ(as("ann:wrong").status(), 401u);
    EXPECT_EQ(service.asked().size(), 0u);
    for (int again = 0; again < 2; ++again) {  // verified, and remembered
        fake::Request& request = as("ann:secret");
        EXPECT_EQ(request.status(), 200u);
        EXPECT_EQ(request.remoteUser(), "ann");
    }
    EXPECT_EQ(service.asked().size(), 2u);
}

struct WrongUrl {
    const char *url, *says;
};
class AccessServiceUrl : public AccessTest, public testing::WithParamInterface<WrongUrl> {};
TEST_P(AccessServiceUrl, IsRefusedWhenItIsNone) {
    host.set("auth", GetParam().url);
    expectRefusal(GetParam().says);
}
INSTANTIATE_TEST_SUITE_P(, AccessServiceUrl,
                         testing::Values(WrongUrl{"https://127.0.0.1:1/", "is no http:// URL"},
                                         WrongUrl{"http://127.0.0.1:1", "has no path"},
                                         WrongUrl{"http://localhost:1/", "no numeric address"},
                                         WrongUrl{"http://127.0.0.1/", "no numeric address"},
                                         WrongUrl{"http://::1:80/", "no numeric address"},
                                         WrongUrl{"http://unix:/run/x", "has no path"},
                                         WrongUrl{"http://127.0.0.1:1/a b", "what no URL may hold"}));

TEST(AccessReply, IsReadAtEverySplit) {
    const std::string head = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200\r\nA: 1\r\nb:2 \n\r\nbody";
    for (size_t split = 0; split < head.size() - 4; ++split) {
        AuthReply reply;
        EXPECT_EQ(reply.add(head.substr(0, split)), AuthReply::State::Incomplete) << split;
        ASSERT_EQ(reply.add(head.substr(split)), AuthReply::State::Whole) << split;
        EXPECT_EQ(reply.status(), 200u);
        EXPECT_EQ(std::string(reply.field("a")) + std::string(reply.field("b")), "12");
    }
}

TEST(AccessReply, IsRefusedWhenItIsNone) {
    for (const char* head : {"HTTP/2 200\r\n\r\n", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 2000\r\n\r\n", "\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nA: 1\r\n folded\r\n\r\n"})
        EXPECT_EQ(AuthReply().add(head), AuthReply::State::Malformed) << head;
    AuthReply endless;
    const std::string field = "A: " + std::string(1000, 'x') + "\r\n";
    auto state = endless.add("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 100 && state == AuthReply::State::Incomplete; ++i) state = endless.add(field);
    EXPECT_EQ(state, AuthReply::State::Malformed);
}

}  // namespace turnpike::access
