#include "http/http2_frames.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace turnpike::http {
namespace {

std::string frame(size_t length, uint8_t type, uint8_t flags, const std::string& payload) {
    std::string bytes = {static_cast<char>(length >> 16), static_cast<char>(length >> 8),
                         static_cast<char>(length), static_cast<char>(type), static_cast<char>(flags)};
    return bytes + std::string("\0\0\0\1", 4) + payload;
}

struct Found {
    FrameHead head;
    size_t begin;  // in all bytes; npos: in a portion before the one in which it was found
};

std::vector<Found> scan(const std::string& bytes, size_t portion) {
    FrameScanner scanner;
    std::vector<Found> found;
    for (size_t from = 0; from < bytes.size(); from += portion) {
        std::string_view rest = std::string_view(bytes).substr(from, portion);
        for (size_t at = from; !rest.empty();) {
            const FrameScanner::Step step = scanner.next(rest);
            if (step.found) found.push_back({scanner.head(), at + step.begin});
            at += step.consumed;
            rest.remove_prefix(step.consumed);
        }
    }
    return found;
}

TEST(FrameScanner, FindsTheSameFramesHoweverTheBytesCome) {
    const std::string bytes = frame(0, 4, 0, "") + frame(5, 0, 8, std::string("\2ab\0\0", 5)) +
                              frame(0, 0, 9, "") + frame(256, 0, 8, "\xff" + std::string(255, '\0')) +
                              frame(70000, 1, 4, std::string(70000, 'h')) + frame(8, 6, 1, "12345678") +
                              frame(1, 0x42, 0xff, "x");
    const auto whole = scan(bytes, bytes.size());
    ASSERT_EQ(whole.size(), 7u);
    const uint32_t lengths[] = {0, 5, 0, 256, 70000, 8, 1};
    const uint16_t paddings[] = {0, 3, 0, 256, 0, 0, 0};
    for (size_t i = 0; i < whole.size(); ++i) {
        EXPECT_EQ(whole[i].head.length, lengths[i]);
        EXPECT_EQ(whole[i].head.padding, paddings[i]);
        EXPECT_EQ(whole[i].head.stream, 1u);
    }
    EXPECT_EQ(whole[4].head.type, FrameType::Headers);
    EXPECT_EQ(whole[4].head.flags, FrameHead::kEndHeaders);
    EXPECT_EQ(whole[1].begin, 9u);
    EXPECT_EQ(whole[2].begin, 23u);
    for (size_t portion : {1, 2, 3, 7, 9, 10, 11, 1000}) {
        const auto split = scan(bytes, portion);
        ASSERT_EQ(split.size(), whole.size()) << portion;
        for (size_t i = 0; i < split.size(); ++i) {
            EXPECT_EQ(split[i].head.length, whole[i].head.length);
            EXPECT_EQ(split[i].head.type, whole[i].head.type);
            EXPECT_EQ(split[i].head.padding, whole[i].head.padding);
            EXPECT_GE(split[i].begin, whole[i].begin);
        }
    }
}

}  // namespace
}  // namespace turnpike::http
