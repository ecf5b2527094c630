#include "php/interpreter/output.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "records.h"

namespace turnpike::php::test {
namespace {

class Recorded final : public Stream {
 public:
    bool begin() override { return false; }
    size_t read(char*, size_t) override { return 0; }
    bool hasInput() override { return false; }
    bool write(std::string_view head, std::string_view data) override {
        if (gone) return false;
        bytes.append(head).append(data);
        ++writes;
        return true;
    }
    void flush() override { ++flushes; }
    void closing() override {}
    void ending() override {}

    std::string bytes;
    int writes = 0, flushes = 0;
    bool gone = false;
};

std::string endRecord(size_t status, size_t id = 1) {
    return record(3, std::string{low(status >> 24), low(status >> 16), low(status >> 8), low(status), 0, 0, 0, 0},
                  id);
}

class OutputTest : public testing::Test {
 protected:
    void SetUp() override { output->begin(stream, 1); }
    Recorded stream;
    std::unique_ptr<Output> output = std::make_unique<Output>();
};

TEST_F(OutputTest, SendsASmallAnswerInOneWrite) {
    EXPECT_TRUE(output->put("Content-type: x\r\n\r\n"));
    EXPECT_TRUE(output->put("hello"));
    EXPECT_EQ(stream.writes, 0);
    EXPECT_TRUE(output->end(3));
    EXPECT_EQ(stream.bytes, record(6, "Content-type: x\r\n\r\nhello") + endRecord(3));
    EXPECT_EQ(stream.writes, 1);
    EXPECT_EQ(stream.flushes, 1);
}

TEST_F(OutputTest, SendsNoEmptyRecord) {
    EXPECT_TRUE(output->flush());
    EXPECT_TRUE(output->end(0));
    EXPECT_EQ(stream.bytes, endRecord(0));
}

TEST_F(OutputTest, SendsAtOnceWhatIsFlushed) {
    output->begin(stream, 0x1234);
    EXPECT_TRUE(output->put("a"));
    EXPECT_TRUE(output->flush());
    EXPECT_EQ(stream.bytes, record(6, "a", 0x1234));
}

TEST_F(OutputTest, KeepsEveryByteOfAnySize) {
    std::string sent, got;
    for (size_t size : {1u, 16383u, 16384u, 16385u, 3u, 65528u, 65529u, 200000u, 7u}) {
        std::string piece(size, static_cast<char>('a' + size % 26));
        EXPECT_TRUE(output->put(piece));
        sent += piece;
    }
    EXPECT_TRUE(output->end(0));
    std::string_view rest = stream.bytes;
    for (; rest.substr(1, 1) == "\x06";) {
        size_t size = static_cast<unsigned char>(rest[4]) * 256u + static_cast<unsigned char>(rest[5]);
        got += rest.substr(8, size);
        rest.remove_prefix(8 + size);
    }
    EXPECT_EQ(got, sent);
    EXPECT_EQ(rest, endRecord(0));
}

TEST_F(OutputTest, LogsALineBehindTheOutputBeforeIt) {
    EXPECT_TRUE(output->put("out"));
    EXPECT_TRUE(output->log("PHP message: ", std::string(70000, 'x')));
    EXPECT_EQ(stream.bytes, record(6, "out") + record(7, "PHP message: " + std::string(65528 - 14, 'x') + "\n"));
}

TEST_F(OutputTest, SaysWhenTheWorkerIsGone) {
    stream.gone = true;
    EXPECT_TRUE(output->put("small"));
    EXPECT_FALSE(output->flush());
    EXPECT_FALSE(output->isOpen());
    EXPECT_FALSE(output->put(std::string(20000, 'x')));
    EXPECT_FALSE(output->log("", "x"));
    EXPECT_FALSE(output->end(0));
}

}  // namespace
}  // namespace turnpike::php::test
