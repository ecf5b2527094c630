// The keys that are there for measuring do what they say, as strace sees it.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <regex>

#include "support/raw_client.h"
#include "tracer.h"

namespace turnpike::truth {
namespace {

using ledger::Class;

constexpr size_t kSize = 300'000;

class MeasuringKeys : public testing::Test {
 protected:
    void start(const std::string& keys, const std::string& route = "") {
        ::chmod(folder.path().c_str(), 0755);
        folder.write("file.bin", std::string(kSize, 'f'));
        server =
            std::make_unique<ServerProcess>("[[site]]\nname = \"a\"\nhosts = [\"*\"]\nroot = \"" + folder.path() +
                                                "\"\n[[site.route]]\nplugin = \"static\"\n" + route,
                                            "access_format = \"json\"\n" + keys);
        ASSERT_TRUE(server->isUp());
    }
    void ask(int times) const {
        for (int i = 0; i < times; ++i) EXPECT_EQ(get(server->port(), "/file.bin").body.size(), kSize);
    }
    /// What `times` requests crossed, by the ledger; it must be what strace saw.
    ledger::Account crossedBy(int times) {
        Tracer tracer(*server);
        problem = tracer.problem();
        if (!problem.empty()) return {};
        ask(1);
        Tracer::Mark from = tracer.mark();
        ask(times);
        Tracer::Mark to = tracer.mark();
        EXPECT_TRUE(from.is_quiet && to.is_quiet) << "the worker does not come to rest";
        Count seen = tracer.between(from, to);
        EXPECT_TRUE(seen.unexplained.empty()) << seen.unexplained.front();
        ledger::Account crossed;
        for (size_t i = 0; i < ledger::kClasses; ++i) {
            crossed.of[i].calls = to.account.of[i].calls - from.account.of[i].calls;
            crossed.of[i].bytes = to.account.of[i].bytes - from.account.of[i].bytes;
            EXPECT_EQ(crossed.of[i].calls, seen.account.of[i].calls) << ledger::name(static_cast<Class>(i));
            EXPECT_EQ(crossed.of[i].bytes, seen.account.of[i].bytes) << ledger::name(static_cast<Class>(i));
        }
        return crossed;
    }
    static const tp_crossing& of(const ledger::Account& account, Class c) {
        return account.of[static_cast<size_t>(c)];
    }
    std::string status() const {
        std::string text;
        EXPECT_EQ(server->run("status --json", &text), 0) << text;
        return text;
    }

    TempFolder folder;
    std::unique_ptr<ServerProcess> server;
    std::string problem;
};

#define SKIP_WITHOUT_STRACE(problem) \
    if (!(problem).empty()) GTEST_SKIP() << (problem)

TEST_F(MeasuringKeys, InjectTheirCallsOncePerRequest) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer's runtime makes system calls of its own";
    start("inject_null_calls = 50");
    ledger::Account crossed = crossedBy(3);
    SKIP_WITHOUT_STRACE(problem);
    EXPECT_EQ(of(crossed, Class::Spawn).calls, 150u);
}

TEST_F(MeasuringKeys, InjectNothingUnlessTheyAreSet) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer's runtime makes system calls of its own";
    start("");
    ledger::Account crossed = crossedBy(3);
    SKIP_WITHOUT_STRACE(problem);
    EXPECT_EQ(of(crossed, Class::Spawn).calls, 0u);
}

TEST_F(MeasuringKeys, CopyAFileThroughMemoryOrLeaveItInTheKernel) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer's runtime makes system calls of its own";
    start("", "memory_file = 0\nsend = \"read\"");
    ledger::Account copied = crossedBy(2);
    SKIP_WITHOUT_STRACE(problem);
    EXPECT_EQ(of(copied, Class::File).bytes, 2 * kSize);
    start("", "memory_file = 0\nsend = \"sendfile\"");
    ledger::Account sent = crossedBy(2);
    EXPECT_EQ(of(sent, Class::File).bytes, 0u);
    EXPECT_EQ(of(sent, Class::Client).bytes, of(copied, Class::Client).bytes);
}

const std::regex kCounted("\"(calls|event_milli)\":\\s*[1-9]");

TEST_F(MeasuringKeys, TurnTheLedgerOff) {
    start("ledger = false");
    ask(3);
    server->signal(SIGUSR1);  // the log is written
    std::string line = server->waitForAccess(3), books = status();
    EXPECT_FALSE(std::regex_search(books, kCounted)) << books;
    EXPECT_TRUE(std::regex_search(books, std::regex("\"requests\":\\s*3"))) << books;
    EXPECT_NE(line.find("\"status\":200"), std::string::npos) << line;
    EXPECT_NE(line.find("\"routed_us\":-1"), std::string::npos) << line;
    EXPECT_FALSE(std::regex_search(line, kCounted)) << line;
}

TEST_F(MeasuringKeys, LeaveTheLedgerOnUnlessTheySaySo) {
    start("");
    ask(3);
    server->signal(SIGUSR1);
    std::string line = server->waitForAccess(3), books = status();
    EXPECT_TRUE(std::regex_search(books, kCounted)) << books;
    EXPECT_EQ(line.find("\"routed_us\":-1"), std::string::npos) << line;
}

}  // namespace
}  // namespace turnpike::truth
