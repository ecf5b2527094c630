// The fake host's shared memory, and filters that only look.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "scripted.h"

using turnpike::str;
using turnpike::fake::Host;
using turnpike::testing::Scripted;

namespace {

class FakeShared : public testing::Test {
 protected:
    FakeShared() {
        plugin.configure = [this](const tp_host* h, tp_setup* setup) -> void* {
            service = static_cast<const tp_shared_service*>(h->extension(TP_SHARED_ID));
            const tp_str counters[] = {str("hits")};
            tp_shared_spec spec{};
            spec.struct_size = sizeof spec;
            spec.name = str("memory");
            spec.size = 4096;
            spec.locks = 1;
            spec.counters = counters;
            spec.counter_count = 1;
            shared = service->declare(setup, &spec);
            return &plugin;
        };
    }
    template <class Work>
    static int inChild(Work work) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            work();
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(pid, &status, 0);
        return status;
    }
    Scripted plugin;
    Host host;
    const tp_shared_service* service = nullptr;
    tp_shared* shared = nullptr;
};

TEST_F(FakeShared, IsOfAllProcessesThatTheTestForks) {
    ASSERT_TRUE(host.load(plugin.table()));
    auto* words = static_cast<uint64_t*>(service->memory(shared));
    EXPECT_EQ(words[0], 0u);
    inChild([&] { words[0] = 7; });
    EXPECT_EQ(host.shareds.counter("hits"), 7);
    EXPECT_EQ(host.shareds.counter("misses"), -1);
}

TEST_F(FakeShared, TellsOfHoldersThatDied) {
    ASSERT_TRUE(host.load(plugin.table()));
    inChild([&] {
        if (service->lock(shared, 0, 0) == 0) ::raise(SIGKILL);
    });
    EXPECT_EQ(service->lock(shared, 0, 0), 1);
    EXPECT_EQ(inChild([&] { ::_exit(service->lock(shared, 0, 1) == -ETIMEDOUT ? 7 : 0); }), 7 << 8);
    service->unlock(shared, 0);
    EXPECT_EQ(service->lock(shared, 0, 0), 0);
    service->unlock(shared, 0);
}

TEST_F(FakeShared, BringsNotices) {
    ASSERT_TRUE(host.load(plugin.table()));
    char text[8];
    EXPECT_EQ(service->notice(shared, 1, text, sizeof text), -ENOENT);
    host.shareds.tell("tag a");
    EXPECT_EQ(service->notices(shared), 1u);
    EXPECT_EQ(service->notice(shared, 1, text, sizeof text), 5);
    EXPECT_EQ(service->notice(shared, 1, text, 4), -EMSGSIZE);
}

TEST_F(FakeShared, IsDeclaredOnce) {
    const auto once = plugin.configure;
    plugin.configure = [&, once](const tp_host* h, tp_setup* setup) {
        once(h, setup);
        return once(h, setup);
    };
    EXPECT_FALSE(host.load(plugin.table()));
    EXPECT_EQ(shared, nullptr);
}

TEST(FakeWatch, LetsABodyGoOnAsItIs) {
    Scripted plugin;
    std::string seen;
    int ends = 0;
    plugin.response = [&](tp_request* r) {
        static_cast<const tp_response_service*>(plugin.host->extension(TP_RESPONSE_ID))->watch_body(r);
    };
    plugin.response_body = [&](tp_request* r, std::string_view data, bool last) {
        seen += data;
        ends += last ? 1 : 0;
        const tp_str other = str("other");
        plugin.host->emit(r, &other, 1);
    };
    Host host;
    ASSERT_TRUE(host.load(plugin.table()));
    auto& request = host.get("/").content(200, {}, "hello");
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "hello");
    EXPECT_EQ(request.announced(), 5);
    EXPECT_EQ(seen, "hello");
    EXPECT_EQ(ends, 1);
}

}  // namespace
