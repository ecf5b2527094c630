#include "server/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "support/temp_folder.h"

namespace turnpike::server {
namespace {

/// Takes `budget` bytes at a time, in pieces of `step`.
struct FakeTransport : net::Transport {
    int64_t receive(void*, size_t) override { return -EAGAIN; }
    int64_t send(const iovec* parts, size_t count, bool more) override {
        said.push_back(more);
        size_t room = std::min(step, budget);
        if (room == 0) return -EAGAIN;
        size_t done = 0;
        for (size_t i = 0; i < count && done < room; ++i) {
            size_t take = std::min(parts[i].iov_len, room - done);
            sent.append(static_cast<const char*>(parts[i].iov_base), take);
            done += take;
        }
        budget -= done;
        return static_cast<int64_t>(done);
    }
    int64_t sendFile(int file, uint64_t offset, size_t size) override {
        size_t room = std::min({step, budget, size});
        if (room == 0) return -EAGAIN;
        std::string piece(room, '\0');
        ssize_t got = pread(file, piece.data(), room, static_cast<off_t>(offset));
        if (got > 0) sent.append(piece.data(), static_cast<size_t>(got));
        budget -= static_cast<size_t>(std::max<ssize_t>(got, 0));
        return got;
    }
    void endSending() override {}
    int64_t unsent() override { return 0; }
    bool isSecure() const override { return false; }
    int fd() const override { return -1; }
    std::string sent;
    size_t step = SIZE_MAX, budget = SIZE_MAX;
    std::vector<bool> said;  // of each piece: that more follows
};

}  // namespace

TEST(Output, CanBeTakenInPiecesOfAnySize) {
    TempFolder folder;
    folder.write("file", "0123456789");
    const int file = ::open((folder.path() + "/file").c_str(), O_RDONLY);
    BlockPool pool(64, 2);
    for (size_t step = 1; step < 40; ++step) {
        Output output(pool);
        ASSERT_TRUE(output.append("head-"));
        output.borrow("first-");
        output.borrowFile(file, 2, 5);
        output.close("-tail");
        std::string taken;
        while (!output.isEmpty()) {
            std::string piece(step, '\0');
            const int64_t size = output.take(piece.data(), step);
            ASSERT_GT(size, 0);
            taken.append(piece, 0, static_cast<size_t>(size));
        }
        EXPECT_EQ(taken, "head-first-23456-tail");
        EXPECT_EQ(output.sent(), taken.size());
        char more;
        EXPECT_EQ(output.take(&more, 1), 0);
    }
    Output output(pool);
    output.borrowFile(file, 8, 5);  // longer than the file
    char bytes[5];
    EXPECT_EQ(output.take(bytes, 5), -EIO);
    output.drop();
    EXPECT_TRUE(output.isEmpty());
    ::close(file);
}

TEST(Output, KeepsTheOrderOfCopiedBorrowedAndTail) {
    BlockPool pool(64, 2);
    for (size_t step = 1; step < 40; ++step) {
        Output output(pool);
        FakeTransport transport;
        transport.step = step;
        ASSERT_TRUE(output.append("head-"));
        output.borrow("first-");
        output.borrow("");
        output.borrow("second");
        output.close("\r\n");
        EXPECT_EQ(output.flush(transport, false), Output::Flush::Done);
        EXPECT_EQ(transport.sent, "head-first-second\r\n") << "in steps of " << step;
        EXPECT_TRUE(output.isEmpty());
    }
}

namespace {

/// As it stands in a pipe of the kernel, whatever takes it out.
struct SplicingTransport : FakeTransport {
    bool canSplice() const override { return true; }
    int64_t splice(int pipe, size_t size, bool more) override {
        said.push_back(more);
        std::string piece(std::min({step, budget, size}), '\0');
        if (piece.empty()) return -EAGAIN;
        const ssize_t got = ::read(pipe, piece.data(), piece.size());
        sent.append(piece.data(), static_cast<size_t>(std::max<ssize_t>(got, 0)));
        budget -= static_cast<size_t>(std::max<ssize_t>(got, 0));
        return got;
    }
};

PipeLoan pipeWith(Pipes& pipes, const std::string& text) {
    int fds[2];
    EXPECT_EQ(::pipe(fds), 0);
    EXPECT_EQ(::write(fds[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    PipeLoan pipe = pipes.take();
    EXPECT_EQ(pipe->fill(fds[0], text.size()), static_cast<int64_t>(text.size()));
    ::close(fds[0]);
    ::close(fds[1]);
    return pipe;
}

}  // namespace

TEST(Output, SendsWhatAPipeHoldsBetweenHeadAndTail) {
    BlockPool pool(64, 2);
    Pipes pipes{1};
    for (size_t step = 1; step < 30; ++step) {
        Output output(pool);
        SplicingTransport transport;
        transport.step = step;
        output.append("head-");
        output.borrow("5\r\n");
        output.borrowPipe(pipeWith(pipes, "piped"));
        output.close("\r\n");
        EXPECT_EQ(output.pending(), 15u);
        EXPECT_EQ(output.room(1), nullptr) << "nothing may overtake it";
        EXPECT_EQ(output.flush(transport, false), Output::Flush::Done);
        EXPECT_EQ(transport.sent, "head-5\r\npiped\r\n") << "in steps of " << step;
        EXPECT_EQ(output.sent(), transport.sent.size());
        EXPECT_TRUE(output.isEmpty());
    }
}

TEST(Output, GoesOnInAPipeWhereItWasBlocked) {
    BlockPool pool(64, 2);
    Pipes pipes{1};
    Output output(pool);
    SplicingTransport transport;
    transport.budget = 7;
    output.append("head-");
    output.borrowPipe(pipeWith(pipes, "piped"));
    EXPECT_EQ(output.flush(transport, false), Output::Flush::Blocked);
    EXPECT_EQ(output.pending(), 3u);
    EXPECT_EQ(transport.said, (std::vector<bool>{true, false, false}))
        << "the pipe follows, and nothing behind it";
    transport.budget = SIZE_MAX;
    EXPECT_EQ(output.flush(transport, false), Output::Flush::Done);
    EXPECT_EQ(transport.sent, "head-piped");
    output.borrowPipe(pipeWith(pipes, "never sent"));
    output.drop();
    EXPECT_TRUE(output.isEmpty());
    EXPECT_EQ(pipes.take()->held(), 0u);
}

TEST(Output, GoesOnWhereItWasBlocked) {
    BlockPool pool(64, 2);
    Output output(pool);
    FakeTransport transport;
    transport.budget = 7;
    output.append("12345");
    output.borrow("6789");
    EXPECT_EQ(output.flush(transport, false), Output::Flush::Blocked);
    EXPECT_EQ(transport.sent, "1234567");
    EXPECT_EQ(output.room(1), nullptr) << "nothing may overtake what is borrowed";
    transport.budget = SIZE_MAX;
    EXPECT_EQ(output.flush(transport, false), Output::Flush::Done);
    EXPECT_EQ(transport.sent, "123456789");
    EXPECT_NE(output.room(1), nullptr);
}

TEST(Output, SendsAFileBetweenHeadAndTail) {
    TempFolder folder;
    folder.write("f", "0123456789");
    int fd = open((folder.path() + "/f").c_str(), O_RDONLY);
    BlockPool pool(64, 2);
    Output output(pool);
    FakeTransport transport;
    transport.step = 3;
    output.append("<");
    output.borrowFile(fd, 2, 5);
    output.close(">");
    EXPECT_EQ(output.flush(transport, false), Output::Flush::Done);
    EXPECT_EQ(transport.sent, "<23456>");
    close(fd);
}

TEST(Output, SaysThatMoreFollowsBeforeAFileAndBeforeTheEndOfTheConnection) {
    for (bool ends : {false, true}) {
        BlockPool pool(64, 2);
        Output output(pool);
        FakeTransport transport;
        output.append("answer");
        EXPECT_EQ(output.flush(transport, ends), Output::Flush::Done);
        EXPECT_EQ(transport.said.back(), ends);
    }
}

TEST(Output, SendsLargeMemoryInSeveralCallsAndHoldsNoneBack) {
    FakeTransport transport;
    BlockPool pool(64, 2);
    Output output(pool);
    std::string large(200'000, '\0');
    for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i % 23);
    ASSERT_TRUE(output.append("head-"));
    output.borrow(large);
    output.close("-tail");
    EXPECT_EQ(output.flush(transport, true), Output::Flush::Done);
    EXPECT_EQ(transport.sent, "head-" + large + "-tail");
    ASSERT_GT(transport.said.size(), 2u);
    const bool is_last_alone =
        std::ranges::count(transport.said, true) == 1 && transport.said.back();  // a whole piece waits for nothing
    EXPECT_TRUE(is_last_alone);
}

TEST(Output, FailsWhenAFileHasShrunk) {
    TempFolder folder;
    folder.write("f", "0123");
    int fd = open((folder.path() + "/f").c_str(), O_RDONLY);
    BlockPool pool(64, 2);
    Output output(pool);
    FakeTransport transport;
    output.borrowFile(fd, 0, 10);
    EXPECT_EQ(output.flush(transport, false), Output::Flush::Failed);
    close(fd);
}

TEST(Output, RefusesWhatDoesNotFitItsBlock) {
    BlockPool pool(64, 2);
    Output output(pool);
    EXPECT_TRUE(output.append(std::string(60, 'x')));
    EXPECT_FALSE(output.append("12345"));
    EXPECT_TRUE(output.append("1234"));
}

}  // namespace turnpike::server
