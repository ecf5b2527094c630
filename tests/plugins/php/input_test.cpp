#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "php/interpreter/fcgi_input.h"
#include "records.h"

namespace turnpike::php::test {
namespace {

using Kind = InputEvent::Kind;

/// What the pieces said, one letter for an event, and the bodies.
struct Heard {
    std::string events, body, cause, params;
    bool operator==(const Heard&) const = default;
};

Heard hear(const std::vector<std::string_view>& pieces) {
    Input input;
    Heard heard;
    auto onEvent = [&](const InputEvent& event) {
        if (event.kind == Kind::Request) {
            heard.events += 'r';
            for (const Params::Entry& entry : input.params().entries())
                heard.params += std::string(entry.name) + '=' + entry.value + ';';
        }
        if (event.kind == Kind::Body) heard.body += event.data;
        if (event.kind == Kind::Abort) heard.events += 'a';
        if (event.kind == Kind::BodyEnd) heard.events += 'e';
    };
    for (std::string_view piece : pieces) {
        for (InputEvent event = input.next(piece); event.kind != Kind::NeedMore; event = input.next(piece)) {
            onEvent(event);
            if (event.kind == Kind::Bad) {
                heard.cause = input.cause();
                return heard;
            }
        }
    }
    return heard;
}

std::string request(std::string_view body, size_t id = 1) {
    std::string pairs = pair("A", "1") + pair("LONG", std::string(200, 'x')) + pair("", "");
    std::string stream = begin(1, 1, id) + record(4, pairs.substr(0, 7), id, 3) + record(4, pairs.substr(7), id);
    return stream + record(4, "", id) + record(5, body, id, 5) + record(5, "", id, 2);
}

TEST(FcgiInput, HearsARequestWithItsBody) {
    std::string bytes = request("hello");
    Heard heard = hear({bytes});
    EXPECT_EQ(heard.events, "re");
    EXPECT_EQ(heard.body, "hello");
    EXPECT_EQ(heard.params, "FCGI_ROLE=RESPONDER;A=1;LONG=" + std::string(200, 'x') + ";=;");
}

TEST(FcgiInput, HearsTheSameHoweverTheBytesAreCut) {
    std::string bytes = request("hello");
    std::string_view all = bytes;
    Heard whole = hear({all});
    EXPECT_EQ(whole.events, "re");
    EXPECT_EQ(whole.body, "hello");
    for (size_t i = 0; i <= all.size(); ++i)
        for (size_t j = i; j <= all.size(); j += 1 + (j - i) / 8)
            ASSERT_EQ(hear({all.substr(0, i), all.substr(i, j - i), all.substr(j)}), whole) << i << ' ' << j;
}

TEST(FcgiInput, HearsAnAbortBetweenBodyRecords) {
    std::string bytes = begin() + record(4, "") + record(5, "ab") + record(2, "");
    EXPECT_EQ(hear({bytes}).events, "ra");
}

TEST(FcgiInput, RefusesWhatBreaksTheProtocol) {
    const std::string good = begin() + record(4, "");
    const struct {
        std::string bytes;
        const char* cause;
    } cases[] = {
        {record(1, "12345678", 1, 0, 2), "a record of version 2"},
        {record(9, ""), "a record of type 9 outside a request"},
        {record(4, ""), "a record of type 4 outside a request"},
        {record(1, "1234567"), "a BEGIN_REQUEST record of 7 bytes instead of 8"},
        {begin(1, 1, 0), "a BEGIN_REQUEST record without a request id"},
        {begin(2), "a request for the role 2"},
        {begin() + record(5, ""), "a record of type 5 out of its order"},
        {begin() + begin(), "a record of type 1 out of its order"},
        {begin() + record(4, "", 2), "a record of request 2 inside request 1"},
        {good + record(4, ""), "a record of type 4 out of its order"},
        {good + record(2, "x"), "an ABORT_REQUEST record with content"},
        {begin() +
             record(4,
                    "\x05\x05"
                    "ab") +
             record(4, ""),
         "a pair that is longer than the parameters"},
        {begin() + record(4, "\x80\x01") + record(4, ""), "a length that is cut off"},
    };
    for (const auto& test : cases) EXPECT_EQ(hear({test.bytes}).cause, test.cause);
}

TEST(FcgiInput, RefusesMoreParametersThanItKeeps) {
    std::string bytes = begin();
    for (size_t sent = 0; sent <= Params::kMaxBytes; sent += 65535) bytes += record(4, std::string(65535, 'x'));
    EXPECT_EQ(hear({bytes}).cause, "more than 1048576 bytes of parameters");
}

TEST(FcgiInput, KeepsTheConnectionOnlyIfAsked) {
    for (bool keep : {false, true}) {
        Input input;
        std::string bytes = begin(1, keep ? 1 : 0, 515) + record(4, "", 515);
        std::string_view rest = bytes;
        EXPECT_EQ(input.next(rest).kind, Kind::Request);
        EXPECT_EQ(input.keepsConnection(), keep);
        EXPECT_EQ(input.id(), 515);
    }
}

TEST(FcgiInput, SeesAnAbortBehindABodyThatNobodyRead) {
    std::string head = begin() + record(4, "");
    std::string ahead = record(5, "body", 1, 3) + record(5, "more") + record(2, "");
    for (size_t taken = 0; taken < record(5, "body", 1, 3).size(); ++taken) {
        Input input;
        std::string_view rest = head;
        ASSERT_EQ(input.next(rest).kind, Kind::Request);
        std::string_view part = std::string_view(ahead).substr(0, taken);
        while (!part.empty()) input.next(part);
        for (size_t size = taken; size <= ahead.size(); ++size)
            ASSERT_EQ(input.announcesAbort(std::string_view(ahead).substr(taken, size - taken)),
                      size == ahead.size());
    }
}

TEST(FcgiInput, BeginsAnewInTheMiddleOfARecord) {
    Input input;
    std::string bytes = begin() + record(4, "") + record(5, "body").substr(0, 10);
    std::string_view rest = bytes;
    EXPECT_EQ(input.next(rest).kind, Kind::Request);
    EXPECT_EQ(input.next(rest).data, "bo");
    input.restart();
    std::string next = request("x", 3);
    std::string_view more = next;
    EXPECT_EQ(input.next(more).kind, Kind::Request);
    EXPECT_EQ(input.id(), 3);
}

}  // namespace
}  // namespace turnpike::php::test
