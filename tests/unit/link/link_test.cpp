// The worker's side (os/link) against a real program on the other side (sdk/link/peer), in a process of its own.
#include "os/link.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <string>

#include "os/event.h"
#include "os/local.h"
#include "sdk/link/peer.h"

namespace turnpike::os {
namespace {

std::string pattern(size_t size) {
    std::string text(size, '\0');
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i * 7) % 251);
    return text;
}

/// What the program on the other side does with its connection.
using Program = std::function<void(link::Peer&)>;

class OsLink : public testing::Test {
 protected:
    void SetUp() override {
        path_ = testing::TempDir() + "turnpike_link." + std::to_string(::getpid());
        auto listener = listen(*Address::parse("unix:" + path_), 8);
        ASSERT_TRUE(listener) << listener.error().text;
        listener_ = std::move(*listener);
        ASSERT_EQ(setBlocking(listener_.get(), true), 0);
    }
    void TearDown() override {
        link_.reset();
        if (child_ > 0) ::waitpid(child_, nullptr, 0);
        std::filesystem::remove(path_);
    }
    void start(const Program& program) {
        child_ = ::fork();
        if (child_ != 0) return;
        link_.reset();  // the worker's end, which this process has too
        auto peer = link::Peer::accept(listener_.get());
        if (peer) program(*peer);
        peer.reset();
        ::_exit(0);
    }
    void connect() {
        int error = 0;
        link_ = Link::connect(*Address::parse("unix:" + path_), Class::Backend, &error);
        ASSERT_TRUE(link_) << error;
    }
    Link::Lane& lane(size_t index = 0) { return link_->lane(index); }
    int64_t write(std::string_view text) {
        iovec part{const_cast<char*>(text.data()), text.size()};
        auto n = lane().write(&part, 1, Class::Backend);
        link_->wake();
        return n;
    }
    int64_t read(std::string& to, size_t most = 65536) {
        std::string room(most, '\0');
        int64_t n = lane().read(room.data(), most, Class::Backend);
        link_->wake();
        if (n > 0) to.append(room, 0, static_cast<size_t>(n));
        return n;
    }
    /// Until the program wakes us or is gone.
    void wait() {
        pollfd fds[] = {{link_->waker(), POLLIN, 0}, {link_->socket(), POLLRDHUP, 0}};
        ASSERT_GE(os::poll(fds, 2, 20'000), 0);
        if ((fds[1].revents & (POLLRDHUP | POLLHUP)) != 0) link_->hungUp();
        if ((fds[0].revents & POLLIN) != 0) drain(link_->waker());
    }
    std::string readAll(size_t size) {
        std::string got;
        while (got.size() < size) {
            int64_t n = read(got);
            if (n == 0 || (n < 0 && n != -EAGAIN)) break;
            if (n == -EAGAIN) wait();
        }
        return got;
    }

    std::string path_;
    Fd listener_;
    pid_t child_ = -1;
    std::unique_ptr<Link> link_;
};

/// One request without an end.
void echo(link::Peer& peer) {
    if (!peer.begin()) return;
    char bytes[5000];
    while (size_t n = peer.read(bytes, sizeof bytes)) peer.write({bytes, n}, {});
}

TEST_F(OsLink, WhatIsWrittenBeforeTheProgramTakesItUpIsThere) {
    connect();
    EXPECT_EQ(write("hello"), 5);
    start(echo);
    EXPECT_EQ(readAll(5), "hello");
}

TEST_F(OsLink, CarriesMoreThanFitsBothWays) {
    start(echo);
    connect();
    const std::string text = pattern(5'000'000);
    std::string got;
    for (size_t sent = 0; got.size() < text.size();) {
        int64_t w = sent < text.size() ? write(std::string_view(text).substr(sent)) : -EAGAIN;
        if (w > 0) sent += static_cast<size_t>(w);
        int64_t r = read(got);
        ASSERT_TRUE(w > 0 || w == -EAGAIN) << w;
        ASSERT_TRUE(r > 0 || r == -EAGAIN) << r;
        if (w < 0 && r < 0) wait();
    }
    EXPECT_TRUE(got == text);
}

TEST_F(OsLink, AThousandTurnsWithBothAsleepInBetween) {
    start(echo);
    connect();
    for (int i = 0; i < 1000; ++i) {
        const std::string text = "turn " + std::to_string(i);
        ASSERT_EQ(write(text), static_cast<int64_t>(text.size()));
        ASSERT_EQ(readAll(text.size()), text);
    }
}

TEST_F(OsLink, ATurnCostsOneCrossingAtMost) {
    start(echo);
    connect();
    write("warm");
    readAll(4);
    ledger::Account account;
    {
        ledger::Scope charge(account);
        write("hello");
        while ((lane().ready() & kReadable) == 0) ::usleep(100);
        std::string got;
        EXPECT_EQ(read(got), 5);
    }
    EXPECT_LE(account.of[static_cast<size_t>(Class::Backend)].calls, 1u) << "the wake, if it slept";
}

TEST_F(OsLink, AProgramThatDiesIsAnEndAfterWhatItSaid) {
    start([](link::Peer& peer) {
        char bytes[16];
        peer.begin();
        peer.read(bytes, sizeof bytes);
        peer.write("half an ans", {});
        peer.flush();
        ::kill(::getpid(), SIGKILL);
    });
    connect();
    write("go");
    EXPECT_EQ(readAll(100), "half an ans");
    std::string none;
    EXPECT_EQ(read(none), 0);
    EXPECT_EQ(write("more"), -EPIPE);
    EXPECT_NE(lane().ready() & kHangup, 0u);
}

TEST_F(OsLink, AProgramThatSleepsLearnsThatTheWorkerIsGone) {
    start([](link::Peer& peer) { ::_exit(peer.begin() ? 8 : 7); });
    connect();
    ::usleep(50'000);  // asleep by now, most likely; the result is the same if it is not
    link_.reset();
    int status = 0;
    ASSERT_EQ(::waitpid(child_, &status, 0), child_);
    child_ = -1;
    EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST_F(OsLink, AProgramThatWaitsForRoomLearnsThatTheWorkerIsGone) {
    start([](link::Peer& peer) {
        const std::string text = pattern(size_t{4} * link::kAnswerBytes);
        peer.begin();
        ::_exit(peer.write(text, {}) ? 8 : 7);
    });
    connect();
    write("go");
    while ((lane().ready() & kReadable) == 0) ::usleep(1000);
    link_.reset();
    int status = 0;
    ASSERT_EQ(::waitpid(child_, &status, 0), child_);
    child_ = -1;
    EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST_F(OsLink, AProgramThatClosesTakesNoFurtherRequest) {
    start([](link::Peer& peer) {
        peer.begin();
        peer.setClosing();
        peer.end();
        peer.write("last", {});
        peer.flush();
        char bytes[16];
        while (peer.read(bytes, sizeof bytes) != 0) {
        }
    });
    connect();
    write("go");
    EXPECT_EQ(readAll(4), "last");
    EXPECT_EQ(write("one more"), -ESHUTDOWN);
}

/// The other side by hand: the memory as it came over the socket.
struct Far {
    explicit Far(int listener) : socket(accept(listener, nullptr), Class::Backend) {
        link::Hello hello;
        size_t count = 0;
        setBlocking(socket.get(), true);
        recvMessage(socket.get(), &hello, sizeof hello, fds, &count, Class::Backend);
        void* at = ::mmap(nullptr, sizeof(link::Memory), PROT_READ | PROT_WRITE, MAP_SHARED, fds[0], 0);
        memory = at == MAP_FAILED ? nullptr : static_cast<link::Memory*>(at);
    }
    ~Far() {
        ::munmap(memory, sizeof(link::Memory));
        ::close(fds[0]);
        ::close(fds[1]);
    }
    Fd socket;
    int fds[8] = {-1, -1};
    link::Memory* memory;
};

/// A program that lies about its counts is a broken one; it takes nobody with it.
TEST_F(OsLink, CountsThatCannotBeTrueBreakTheConnectionOnly) {
    connect();
    Far far(listener_.get());
    ASSERT_NE(far.memory, nullptr);
    far.memory->lanes[0].answers.written = link::kAnswerBytes + 1;
    std::string got;
    EXPECT_EQ(read(got), -EPROTO);
    far.memory->lanes[0].requests.taken = 12345;
    EXPECT_EQ(write("x"), -EPROTO);
    EXPECT_EQ(::ftruncate(far.fds[0], 0), -1) << "or reading it would end the worker with SIGBUS";
}

TEST_F(OsLink, AWakeThatBringsNothingIsNotTheLast) {
    connect();
    Far far(listener_.get());
    ASSERT_NE(far.memory, nullptr);
    EXPECT_EQ(far.memory->worker_sleeps, 1u);
    far.memory->worker_sleeps = 0;  // the program has woken the worker
    EXPECT_EQ(lane().ready() & kReadable, 0u);
    EXPECT_EQ(far.memory->worker_sleeps, 1u) << "or nobody would tell when something comes";
}

TEST_F(OsLink, WhoWaitsForRoomAsksAgainBeforeItSleeps) {
    connect();
    Far far(listener_.get());
    ASSERT_NE(far.memory, nullptr);
    const std::string text = pattern(link::kRequestBytes + 1);
    EXPECT_EQ(write(text), link::kRequestBytes);
    far.memory->lanes[0].requests.wants_space = 0;  // the program answered an older request for room just then
    EXPECT_EQ(lane().ready() & kWritable, 0u);
    EXPECT_EQ(far.memory->lanes[0].requests.wants_space, 1u);
}

TEST_F(OsLink, WhoConnectsAndSaysNothingIsNotWaitedFor) {
    start([](link::Peer&) {});  // accept() gives up, and the program ends
    bool done = false;
    Fd silent(os::connect(*Address::parse("unix:" + path_), Class::Backend, &done), Class::Backend);
    ASSERT_TRUE(done);
    EXPECT_EQ(::waitpid(child_, nullptr, 0), child_);
    child_ = -1;
}

TEST_F(OsLink, ARequestThatWasNotBegunIsToldFromOneThatWas) {
    for (bool is_begun : {false, true}) {
        connect();
        {
            Far far(listener_.get());
            ASSERT_NE(far.memory, nullptr);
            EXPECT_EQ(write("request"), 7);
            if (is_begun) {
                EXPECT_TRUE(link::Gate(far.memory->lanes[0].gate).begin());
            }
        }
        std::string got;
        EXPECT_EQ(read(got), is_begun ? 0 : -ESHUTDOWN);
    }
}

TEST_F(OsLink, WhatWasNotBegunIsTakenBackFromAProgramThatCloses) {
    connect();
    Far far(listener_.get());
    ASSERT_NE(far.memory, nullptr);
    EXPECT_EQ(write("request"), 7);
    far.memory->is_closing = 1;
    std::string got;
    EXPECT_EQ(read(got), -ESHUTDOWN);
    EXPECT_FALSE(link::Gate(far.memory->lanes[0].gate).begin());
}

TEST_F(OsLink, ARequestHasOneTaker) {
    connect();
    Far far(listener_.get());
    ASSERT_NE(far.memory, nullptr);
    link::Gate gate(far.memory->lanes[0].gate);
    EXPECT_FALSE(lane().withdraw()) << "there is none";
    write("one");
    EXPECT_TRUE(lane().withdraw());
    EXPECT_FALSE(gate.begin());
    EXPECT_EQ(far.memory->lanes[0].requests.written, 0u);
    write("two");
    EXPECT_TRUE(gate.begin());
    EXPECT_FALSE(lane().withdraw());
    EXPECT_EQ(write("more of it"), 10);
    EXPECT_FALSE(lane().withdraw());
}

/// Answers each request, of 1 byte, with it.
void answerLetters(link::Peer& peer) {
    char letter;
    while (peer.begin() && peer.read(&letter, 1) == 1) {
        peer.end();
        peer.write({&letter, 1}, {});
        peer.flush();
    }
}

TEST_F(OsLink, RequestsAreBegunInTheOrderInWhichTheyWereWritten) {
    connect();
    const size_t order[] = {2, 0, 3, 1};
    for (size_t i : order) {
        iovec part{const_cast<char*>("abcd") + i, 1};
        EXPECT_EQ(lane(i).write(&part, 1, Class::Backend), 1);
    }
    start([](link::Peer& peer) {
        std::string all;
        char letter;
        while (all.size() < 4 && peer.begin() && peer.read(&letter, 1) == 1) {
            all += letter;
            peer.end();
            peer.write(all, {});
            peer.flush();
        }
    });
    std::string last;
    while (last.size() < 4) {
        int64_t n = -EAGAIN;
        std::string room(8, '\0');
        if ((n = lane(1).read(room.data(), room.size(), Class::Backend)) == -EAGAIN) wait();
        ASSERT_TRUE(n > 0 || n == -EAGAIN) << n;
        if (n > 0) last.append(room, 0, static_cast<size_t>(n));
    }
    EXPECT_EQ(last, "cadb");
}

TEST_F(OsLink, WhatIsLeftOfARequestIsNotTheNextOnes) {
    start(answerLetters);
    connect();
    write("a and much that is not read");
    EXPECT_EQ(readAll(1), "a");
    lane().end();
    write("b");
    EXPECT_EQ(readAll(1), "b");
}

/// The program may be done with a request that it has not all of.
TEST_F(OsLink, WhatComesTooLateForARequestIsNoRequest) {
    connect();
    Far far(listener_.get());
    ASSERT_NE(far.memory, nullptr);
    link::Gate gate(far.memory->lanes[0].gate);
    write("half of");
    EXPECT_TRUE(gate.begin());
    gate.end(0);
    EXPECT_EQ(write(" a request"), -EPIPE);
    EXPECT_EQ(gate.offered(), 0u);
    EXPECT_FALSE(lane().withdraw());
    EXPECT_EQ(write(" a request"), -EPIPE) << "nor was there one to take back";
    lane().end();
    EXPECT_EQ(write("another"), 7);
    EXPECT_NE(gate.offered(), 0u);
}

/// Two processes at once at the same gate: nothing is answered twice, and nothing that was not taken back is lost.
TEST_F(OsLink, TakingBackAgainstBeginningLosesNothing) {
    start(answerLetters);
    connect();
    size_t begun = 0, taken_back = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::string letter(1, static_cast<char>('a' + i % 26));
        lane().end();
        ASSERT_EQ(write(letter), 1);
        for (int pause = i % 400; pause > 0; --pause) std::atomic_signal_fence(std::memory_order_seq_cst);
        if (lane().withdraw()) {
            ++taken_back;
            continue;
        }
        ++begun;
        ASSERT_EQ(readAll(1), letter) << i;
    }
    EXPECT_EQ(begun + taken_back, 20'000u);
    std::string none;
    EXPECT_EQ(read(none), -EAGAIN);
}

TEST_F(OsLink, NothingIsLeftOpenWhenItIsClosed) {
    auto count = [] {
        size_t n = 0;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) n += entry.exists() ? 1 : 0;
        return n;
    };
    const size_t before = count();
    connect();
    EXPECT_EQ(count(), before + 2);
    link_.reset();
    EXPECT_EQ(count(), before);
    std::filesystem::remove(path_);
    int error = 0;
    EXPECT_EQ(Link::connect(*Address::parse("unix:" + path_), Class::Backend, &error), nullptr);
    EXPECT_EQ(error, ENOENT);
    EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace turnpike::os
