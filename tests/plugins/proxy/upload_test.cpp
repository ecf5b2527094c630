// What an upload keeps and lets go.
#include "proxy/upload.h"

#include <gtest/gtest.h>

#include "sdk/fake_host.hpp"

namespace turnpike::proxy::test {
namespace {

using Progress = Upload::Progress;

class UploadTest : public ::testing::Test {
 protected:
    UploadTest() { EXPECT_EQ(host.io.table()->pipe(nullptr, fds_, 1), 0); }
    ~UploadTest() override {
        for (int fd : fds_) host.io.table()->close(nullptr, fd, TP_CLASS_BACKEND);
    }
    Progress flush() { return upload.flush(*host.io.table(), nullptr, fds_[1]); }
    std::string written() const {
        std::string block(1 << 20, '\0');
        const int64_t n = host.io.table()->read(nullptr, fds_[0], block.data(), block.size());
        block.resize(n > 0 ? static_cast<size_t>(n) : 0);
        return block;
    }

    fake::Host host;
    Upload upload;
    int32_t fds_[2] = {-1, -1};
};

TEST_F(UploadTest, EndsWithTheHeadWhenThereIsNoBody) {
    upload.head() = "head";
    upload.start(Upload::Coding::None);
    EXPECT_TRUE(upload.isUntouched());
    EXPECT_EQ(flush(), Progress::Done);
    EXPECT_EQ(written(), "head");
    EXPECT_FALSE(upload.isUntouched());
    EXPECT_TRUE(upload.isDone());
}

/// Under TLS a part of it may be on its way although the host will ask for the same bytes again.
TEST_F(UploadTest, HasBeenTouchedOnceItWasHeldUp) {
    upload.head() = "head";
    upload.start(Upload::Coding::None);
    host.io.failNext("write", -EAGAIN);
    EXPECT_EQ(flush(), Progress::Blocked);
    EXPECT_FALSE(upload.isUntouched());
    EXPECT_EQ(flush(), Progress::Done);
    EXPECT_EQ(written(), "head");
}

TEST_F(UploadTest, WritesChunksAndTheirEnd) {
    upload.head() = "head ";
    upload.start(Upload::Coding::Chunked);
    upload.feed("0123456789abcdef", false);
    EXPECT_EQ(flush(), Progress::Hungry);
    upload.feed("", false);
    EXPECT_EQ(flush(), Progress::Hungry) << "an empty chunk would be the end";
    upload.feed("x", true);
    EXPECT_EQ(flush(), Progress::Done);
    EXPECT_EQ(written(), "head 10\r\n0123456789abcdef\r\n1\r\nx\r\n0\r\n\r\n");
}

TEST_F(UploadTest, BeginsAgainWhileItHasAllOfIt) {
    upload.head() = "head ";
    upload.start(Upload::Coding::Plain);
    upload.feed("one ", false);
    EXPECT_EQ(flush(), Progress::Hungry);
    EXPECT_EQ(written(), "head one ");
    ASSERT_TRUE(upload.canRewind());
    upload.rewind();
    EXPECT_TRUE(upload.isUntouched());
    EXPECT_EQ(flush(), Progress::Hungry);
    upload.feed("two", true);
    EXPECT_EQ(flush(), Progress::Done);
    EXPECT_EQ(written(), "head one two");
}

TEST_F(UploadTest, LetsGoOfWhatIsLarge) {
    upload.start(Upload::Coding::Plain);
    const std::string part(40'000, 'p');
    for (int i = 0; i < 3; ++i) {
        upload.feed(part, false);
        ASSERT_EQ(flush(), Progress::Hungry);
        EXPECT_EQ(written(), part);
    }
    EXPECT_FALSE(upload.canRewind());
}

TEST_F(UploadTest, WaitsForRoom) {
    upload.start(Upload::Coding::Plain);
    upload.feed(std::string(1 << 20, 'p'), true);
    EXPECT_EQ(flush(), Progress::Blocked);
    size_t size = 0;
    Progress progress = Progress::Blocked;
    while (progress == Progress::Blocked) {
        size += written().size();
        progress = flush();
    }
    EXPECT_EQ(progress, Progress::Done);
    EXPECT_EQ(size + written().size(), 1u << 20);
}

}  // namespace
}  // namespace turnpike::proxy::test
