// The parser of answers' heads: the same result at every split. What it refuses one by one: answer_test.cpp.
#include "proxy/answer_head.h"

#include <gtest/gtest.h>

#include <memory>

#include "sdk/plugin.hpp"

namespace turnpike::proxy::test {
namespace {

using State = AnswerHead::State;

struct Result {
    State state;
    std::string reason, fields;
    size_t size;
    unsigned status;
    bool operator==(const Result&) const = default;
};

/// Parsed after the first `split` bytes, and then all of it.
Result parse(const std::string& input, size_t split) {
    AnswerHead head;
    // Exactly as large as what is there, so that a sanitizer sees a read past it.
    auto memory = std::make_unique<char[]>(input.size());
    input.copy(memory.get(), split);
    if (split > 0) head.parse(memory.get(), split);
    if (head.state() == State::More) {
        input.copy(memory.get() + split, input.size() - split, split);
        head.parse(memory.get(), input.size());
    }
    Result result{head.state(), head.reason(), "", head.size(), head.status()};
    if (result.state != State::Complete) return {result.state, result.reason, "", 0, 0};
    for (const tp_field& field : head.fields())
        result.fields += std::string(text(field.name)) + "=" + std::string(text(field.value)) + ";";
    return result;
}

TEST(AnswerHead, IsTheSameAtEverySplit) {
    const std::string inputs[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nConnection: X-A, close\r\nX-B:\t2 \r\n\r\nhello",
        "HTTP/1.0 301\r\nLocation: /x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX\r: 1\r\n\r\n",
        "HTTP/1.1 200 OK\nX: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\nX: 1\r\n\r\n",
        "HTTPS/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: 1\r\n",
        "HTTP/1.1 200 OK\r\n" + std::string(40'000, 'x') + "\r\n\r\n",
    };
    for (const std::string& input : inputs) {
        const Result whole = parse(input, 0);
        for (size_t split = 1; split <= std::min<size_t>(input.size(), 200); ++split)
            ASSERT_EQ(parse(input, split), whole)
                << input.substr(0, 60) << " cut at " << split << " " << whole.reason;
        for (size_t split = 200; split < input.size(); split += 997)
            ASSERT_EQ(parse(input, split), whole) << split;
    }
    EXPECT_EQ(parse(inputs[0], 0), (Result{State::Complete, "", "x-b=2;", inputs[0].size() - 5, 200}));
}

TEST(AnswerHead, TakesAHeadOfJustTheLargestSize) {
    const std::string begin = "HTTP/1.1 200 OK\r\nX: ", end = "\r\n\r\n";
    for (size_t more : {0, 1}) {
        const size_t filler = AnswerHead::kMostBytes + more - begin.size() - end.size();
        const Result result = parse(begin + std::string(filler, 'x') + end, 0);
        EXPECT_EQ(result.state, more == 0 ? State::Complete : State::Bad) << result.reason;
    }
}

TEST(AnswerHead, TakesSoManyFieldsAndNoMore) {
    std::string fields;
    for (size_t i = 0; i < AnswerHead::kMostFields; ++i) fields += "a: b\r\n";
    EXPECT_EQ(parse("HTTP/1.1 200 OK\r\n" + fields + "\r\n", 0).state, State::Complete);
    EXPECT_EQ(parse("HTTP/1.1 200 OK\r\n" + fields + "c: d\r\n\r\n", 0).reason, "more than 100 fields");
}

TEST(AnswerHead, KnowsWhetherTheConnectionStaysOpen) {
    const std::pair<const char*, bool> cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: a, CLOSE\r\n\r\n", false},
        {"HTTP/1.1 200 OK\r\n\r\n", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", true},
        {"HTTP/1.1 204 No\r\n\r\n", true},
    };
    for (const auto& [input, stays] : cases) {
        std::string text = input;
        AnswerHead head;
        ASSERT_EQ(head.parse(text.data(), text.size()), State::Complete) << input;
        EXPECT_EQ(head.keepsOpen(), stays) << input;
    }
}

}  // namespace
}  // namespace turnpike::proxy::test
