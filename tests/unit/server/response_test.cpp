// Answers on their way through body filters: in blocks, cut where they were promised to end, and never ended by a
// filter that has failed.
#include "server/response.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/services.h"

namespace turnpike::server {
namespace {

constexpr size_t kMegabyte = 1u << 20, kBlock = 65536;

/// A client that takes everything at once.
struct Client : Stream {
    const Peer& peer() const override { return who; }
    void sendInterim(unsigned status, const tp_field* fields, size_t count) override {
        interims.push_back(std::to_string(status));
        for (size_t i = 0; i < count; ++i)
            interims.back().append(" ").append(fields[i].name.ptr, fields[i].name.len);
    }
    void sendHead(unsigned, const tp_field*, size_t, int64_t length, bool) override { announced = length; }
    void setTrailers(const tp_field*, size_t) override {}
    int32_t sendBody(const tp_str* parts, size_t count, bool last) override {
        for (size_t i = 0; i < count; ++i) body.append(parts[i].ptr, parts[i].len);
        ended = ended || last;
        return TP_SENT;
    }
    int32_t sendFile(int, uint64_t, uint64_t, bool) override { return TP_GONE; }
    bool canSplice() const override { return can_splice; }
    int32_t sendPipe(PipeLoan pipe) override {
        spliced += pipe->held();
        return TP_SENT;
    }
    void readBody() override {}
    void finish() override {}
    void abort() override {}
    void closeAfter() override {}

    Peer who;
    std::string body;
    bool ended = false, can_splice = true;
    uint64_t spliced = 0;
    int64_t announced = 0;
    std::vector<std::string> interims;  // status and names of fields
};

/// A filter that hands everything on, and counts.
struct Filter {
    Response* response = nullptr;
    std::vector<size_t> sizes;
    bool fails_at_end = false;

    static void onResponse(void* self, tp_request*) { static_cast<Filter*>(self)->response->filterBody(false); }
    static void onBody(void* self, tp_request*, tp_str data, uint32_t flags) {
        auto& filter = *static_cast<Filter*>(self);
        filter.sizes.push_back(data.len);
        filter.response->emit(&data, 1);
        // What fail() does to an answer that has begun.
        if (filter.fails_at_end && (flags & TP_LAST) != 0) filter.response->detach();
    }
};

struct FilteredResponse : testing::Test {
    FilteredResponse() {
        table.on_response = Filter::onResponse;
        table.on_response_body = Filter::onBody;
        filter.response = &response;
        filters.push_back(PluginSlot{&table, nullptr, &filter});
        response.open(&client);
        response.setFilters(&filters, false);
    }
    Response::Outcome send(const std::string& text, bool last) {
        const tp_str part{text.data(), text.size()};
        return response.send(&part, 1, last);
    }
    static int file(const std::string& content) {
        const int fd = ::memfd_create("answer", MFD_CLOEXEC);
        EXPECT_EQ(::write(fd, content.data(), content.size()), static_cast<ssize_t>(content.size()));
        return fd;
    }

    BlockPool blocks{8192, 4};
    Arena arena{blocks, 1u << 20};
    Client client;
    tp_plugin table{};
    Filter filter;
    std::vector<PluginSlot> filters;
    Response response{nullptr, arena};
};

}  // namespace

TEST_F(FilteredResponse, PassesABlockInEachRound) {
    const std::string content(kMegabyte, 'x');
    for (const bool from_file : {false, true}) {
        filter.sizes.clear();
        client.body.clear();
        response.reset();
        response.open(&client);
        response.setFilters(&filters, false);
        response.start(200, nullptr, 0, kMegabyte);
        EXPECT_EQ(client.announced, TP_LENGTH_UNKNOWN);
        auto outcome =
            from_file ? response.sendFile(file(content), 0, kMegabyte, true, true) : send(content, true);
        size_t rounds = 1;
        for (; outcome == Response::Outcome::Later; ++rounds) {
            EXPECT_EQ(filter.sizes.size(), rounds) << "one block, then it is the others' turn";
            EXPECT_FALSE(response.isComplete());
            outcome = response.resume();
        }
        EXPECT_EQ(outcome, Response::Outcome::Sent);
        EXPECT_EQ(filter.sizes, std::vector<size_t>(kMegabyte / kBlock, kBlock));
        EXPECT_TRUE(client.body == content && client.ended && response.isComplete());
    }
}

namespace {

/// Without filters, and with something to splice from.
struct PlainResponse : FilteredResponse {
    PlainResponse() {
        EXPECT_EQ(::pipe(fds), 0);
        const std::string plenty(4000, 'p');
        EXPECT_EQ(::write(fds[1], plenty.data(), plenty.size()), static_cast<ssize_t>(plenty.size()));
    }
    ~PlainResponse() override {
        ::close(fds[0]);
        ::close(fds[1]);
    }
    void begin(int64_t length, bool is_head = false) {
        response.reset();
        response.open(&client);
        response.setFilters(nullptr, is_head);
        response.start(200, nullptr, 0, length);
    }
    int64_t splice(uint64_t most) { return response.splice(pipes, fds[0], most, &outcome); }

    int fds[2];
    Pipes pipes{1};
    Response::Outcome outcome = Response::Outcome::Wait;
};

}  // namespace

TEST_F(PlainResponse, LetsNoMoreGoByThanWasPromised) {
    begin(1000);
    EXPECT_EQ(splice(1001), -ENOTSUP);
    EXPECT_EQ(splice(600), 600);
    EXPECT_EQ(outcome, Response::Outcome::Sent);
    EXPECT_EQ(splice(401), -ENOTSUP);
    EXPECT_EQ(send(std::string(399, 'x'), true), Response::Outcome::Short);
    begin(1000);
    EXPECT_EQ(splice(600), 600);
    EXPECT_EQ(send(std::string(401, 'x'), true), Response::Outcome::Sent);
    EXPECT_EQ(response.excess(), 1u);
    EXPECT_EQ(response.bytesSent(), 1000u);
    begin(TP_LENGTH_UNKNOWN);
    EXPECT_EQ(splice(SIZE_MAX), 2800);
    EXPECT_EQ(splice(SIZE_MAX), -EAGAIN);
    EXPECT_EQ(client.spliced, 4000u);
}

TEST_F(PlainResponse, LetsNothingGoByThatNobodyWantsOrTheStreamMustFrame) {
    begin(1000, true);
    EXPECT_EQ(splice(10), -ENOTSUP) << "HEAD";
    client.can_splice = false;
    begin(1000);
    EXPECT_EQ(splice(10), -ENOTSUP);
    client.can_splice = true;
    response.reset();
    response.open(&client);
    response.setFilters(&filters, false);
    response.start(200, nullptr, 0, TP_LENGTH_UNKNOWN);
    EXPECT_EQ(splice(10), -ENOTSUP) << "a filter wants to see it";
    EXPECT_EQ(client.spliced, 0u);
}

TEST_F(PlainResponse, LetsNothingGoByWithoutAPipe) {
    std::vector<PipeLoan> lent;
    while (PipeLoan pipe = pipes.take()) lent.push_back(std::move(pipe));
    begin(1000);
    EXPECT_EQ(splice(10), -ENOTSUP);
    lent.clear();
    EXPECT_EQ(splice(10), 10);
}

TEST_F(FilteredResponse, SendsInterimHeadsPastTheFilters) {
    const auto hint = [this](unsigned status, std::string_view name = "link", bool leaves = true) {
        const tp_field field{{name.data(), name.size()}, {"x", 1}};
        return response.sendInterim(status, &field, 1, leaves);
    };
    EXPECT_EQ(hint(103), 0);
    EXPECT_EQ(hint(102, "Content-Length"), 0);
    EXPECT_EQ(hint(199, "link", false), 0);
    for (const unsigned status : {0u, 100u, 101u, 200u}) EXPECT_EQ(hint(status), -EINVAL) << status;
    EXPECT_EQ(hint(103, "li nk"), -EINVAL);
    EXPECT_EQ(client.interims, (std::vector<std::string>{"103 link", "102"}));
    EXPECT_EQ(response.status(), 0u);
    EXPECT_EQ(response.start(200, nullptr, 0, 0), 0);
    EXPECT_EQ(hint(103), -EALREADY);
}

TEST_F(FilteredResponse, BoundsInterimHeads) {
    for (int i = 0; i < TP_MOST_INTERIMS; ++i) EXPECT_EQ(response.sendInterim(103, nullptr, 0, i % 2 == 0), 0);
    EXPECT_EQ(response.sendInterim(103, nullptr, 0, true), -EMSGSIZE);
    EXPECT_EQ(client.interims.size(), TP_MOST_INTERIMS / 2u);
    response.reset();
    response.open(&client);
    const std::string most(TP_MOST_INTERIM_BYTES - 5, 'x');  // a line "n: value", CR, LF
    tp_field field{{"n", 1}, {most.data(), most.size()}};
    EXPECT_EQ(response.sendInterim(103, &field, 1, true), 0);
    field.value.len = 0;
    EXPECT_EQ(response.sendInterim(103, &field, 1, true), -EMSGSIZE) << "all of them together";
    EXPECT_EQ(response.sendInterim(103, nullptr, 0, true), 0);
}

TEST_F(FilteredResponse, TakesSmallPartsAtOnce) {
    response.start(200, nullptr, 0, TP_LENGTH_UNKNOWN);
    EXPECT_EQ(send("one ", false), Response::Outcome::Sent);
    EXPECT_EQ(send("two", true), Response::Outcome::Sent);
    EXPECT_EQ(client.body, "one two");
    EXPECT_EQ(filter.sizes, (std::vector<size_t>{4, 3}));
}

TEST_F(FilteredResponse, IsCutBeforeTheFiltersSeeIt) {
    response.start(200, nullptr, 0, 4);
    EXPECT_EQ(send("lo", false), Response::Outcome::Sent);
    EXPECT_EQ(send("nger", false), Response::Outcome::Sent);
    EXPECT_EQ(response.sendFile(file("than that"), 0, 9, true, true), Response::Outcome::Sent);
    EXPECT_EQ(client.body, "long");
    EXPECT_TRUE(client.ended);
    EXPECT_EQ(response.excess(), 11u);
}

TEST_F(FilteredResponse, EndsWithAnEmptyFile) {
    response.start(200, nullptr, 0, TP_LENGTH_UNKNOWN);
    EXPECT_EQ(response.sendFile(file(""), 0, 0, true, true), Response::Outcome::Sent);
    EXPECT_TRUE(client.ended && response.isComplete());
}

TEST_F(FilteredResponse, IsNotEndedByAFilterThatFails) {
    filter.fails_at_end = true;
    response.start(200, nullptr, 0, TP_LENGTH_UNKNOWN);
    EXPECT_EQ(send("half", false), Response::Outcome::Sent);
    EXPECT_EQ(send("", true), Response::Outcome::Gone);
    EXPECT_EQ(client.body, "half");
    EXPECT_FALSE(client.ended || response.isComplete());
}

TEST_F(FilteredResponse, IsShortWhereAFileHasShrunk) {
    response.start(200, nullptr, 0, 20);
    EXPECT_EQ(response.sendFile(file("shrunk"), 0, 20, true, true), Response::Outcome::Later);
    EXPECT_EQ(response.resume(), Response::Outcome::Short);
    EXPECT_FALSE(client.ended);
}

}  // namespace turnpike::server
