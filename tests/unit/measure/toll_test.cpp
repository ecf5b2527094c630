#include "measure/toll.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "measure/toll_table.h"

namespace turnpike::measure {
namespace {

using ledger::Class;
using testing::ElementsAre;
using testing::HasSubstr;

/// A server that exists only as numbers: each request makes two client calls and one event call, moves 100 bytes,
/// and costs 5 us in the engine and 7 us in a backend.
struct Paper {
    uint64_t requests = 0, strangers = 0;
    bool has_cpu = true;
    uint64_t backend_ns = 7000, backend_calls = 0;
    LoadOutcome next;

    Sources sources() {
        return {[this] { return status(); }, [this](pid_t master) { return machine(master); },
                [this](const Load& load) { return run(load); }};
    }
    Result<ServerStatus> status() {
        ServerStatus status;
        status.master = 42;
        status.requests = requests;
        status.crossings.of[size_t(Class::Client)] = {2 * requests, 0, 100 * requests};
        status.crossings.of[size_t(Class::Event)] = {requests, 0, 0};
        status.crossings.of[size_t(Class::Backend)] = {backend_calls * requests, 0, 0};
        status.children_us = 3 * requests;
        return status;
    }
    std::optional<MachineReading> machine(pid_t master) {
        EXPECT_EQ(master, 42);
        if (!has_cpu) return std::nullopt;
        MachineReading reading;
        reading.server = {1 + 5000 * requests, 1 + backend_ns * requests};
        return reading;
    }
    LoadOutcome run(const Load& load) {
        EXPECT_THAT(load.paths, ElementsAre("/page"));
        LoadOutcome outcome = next;
        requests += outcome.requests + strangers;
        return outcome;
    }
};

LoadOutcome goodRun() {
    LoadOutcome outcome;
    outcome.requests = 1000;
    outcome.elapsed_ns = 500'000'000;
    outcome.latency_ns.add(2'000'000);
    outcome.shortest_body = outcome.longest_body = 12;
    return outcome;
}

const Page kPage{"page", "/page"};

TEST(Toll, DividesWhatTheServerPaidByTheRequestsMade) {
    Paper paper;
    paper.next = goodRun();
    TollRow row = measureToll(paper.sources(), Load{}, kPage);
    EXPECT_EQ(row.failure, "");
    EXPECT_DOUBLE_EQ(row.requests_per_second, 2000);
    EXPECT_DOUBLE_EQ(row.p50_ms, 2);
    EXPECT_DOUBLE_EQ(row.calls[size_t(Class::Client)], 2);
    EXPECT_DOUBLE_EQ(row.calls[size_t(Class::Event)], 1);
    EXPECT_DOUBLE_EQ(row.allCalls(), 3);
    EXPECT_DOUBLE_EQ(row.bytes, 100);
    EXPECT_DOUBLE_EQ(*row.engine_us, 5);
    EXPECT_DOUBLE_EQ(*row.backend_us, 7 + 3);
    EXPECT_THAT(row.notes, ElementsAre());
}

TEST(Toll, LeavesOutTheCpuThatItCannotSee) {
    Paper paper;
    paper.next = goodRun();
    paper.has_cpu = false;
    TollRow row = measureToll(paper.sources(), Load{}, kPage);
    EXPECT_FALSE(row.engine_us);
    EXPECT_FALSE(row.backend_us);
    EXPECT_THAT(row.notes, ElementsAre(HasSubstr("CPU is not known")));
    EXPECT_THAT(tollTable({row}), HasSubstr("       -        -\n"));
}

TEST(Toll, SaysThatABackendIsSomebodyElses) {
    Paper paper;
    paper.next = goodRun();
    paper.backend_ns = 0;
    paper.backend_calls = 2;
    Sources sources = paper.sources();
    sources.status = [&] {
        ServerStatus status = *paper.status();
        status.children_us = 0;
        return Result<ServerStatus>(status);
    };
    TollRow row = measureToll(sources, Load{}, kPage);
    EXPECT_TRUE(row.engine_us);
    EXPECT_FALSE(row.backend_us);
    EXPECT_THAT(row.notes, ElementsAre(HasSubstr("did not start it")));
}

TEST(Toll, NotesRequestsOfOthersAndAnswersThatDiffer) {
    Paper paper;
    paper.next = goodRun();
    paper.next.longest_body = 13;
    paper.strangers = 3;
    TollRow row = measureToll(paper.sources(), Load{}, kPage);
    EXPECT_THAT(row.notes, ElementsAre(HasSubstr("somebody else"), HasSubstr("12 to 13 bytes")));
}

TEST(Toll, HasNoNumbersForAPageThatFails) {
    Paper paper;
    paper.next.failure = "status 502";
    TollRow row = measureToll(paper.sources(), Load{}, kPage);
    EXPECT_EQ(row.failure, "status 502");
    EXPECT_THAT(tollTable({row}), HasSubstr("page  failed: status 502"));
    EXPECT_THAT(tollJson({row}), HasSubstr("\"failure\": \"status 502\""));
}

TEST(Toll, SaysWhyTheServerCouldNotBeAsked) {
    Paper paper;
    paper.next = goodRun();
    Sources sources = paper.sources();
    sources.status = [] { return Result<ServerStatus>(Error{ENOENT, "turnpike is not running"}); };
    EXPECT_EQ(measureToll(sources, Load{}, kPage).failure, "turnpike is not running");
}

TEST(TollTable, WritesNullForWhatIsNotKnown) {
    Paper paper;
    paper.next = goodRun();
    paper.has_cpu = false;
    std::string json = tollJson({measureToll(paper.sources(), Load{}, kPage)});
    EXPECT_THAT(json, HasSubstr("\"engine_us_per_request\": null"));
    EXPECT_THAT(json, HasSubstr("\"client\": 2"));
}

std::string statusText(const std::string& classes) {
    return R"({"version":"0.1.0","pid":7,"listen":["127.0.0.1:80"],"totals":{"counters":{"requests":9,)"
           R"("connections_accepted":4,"connections":3},)"
           R"("crossings":{)" +
           classes + R"(}},"children":{"cpu_us":11}})";
}

TEST(ServerStatus, IsReadFromTheMastersJson) {
    std::string classes;
    for (size_t i = 0; i < ledger::kClasses; ++i) {
        if (i != 0) classes += ",";
        classes.append("\"").append(ledger::name(static_cast<Class>(i))).append("\":{\"calls\":");
        classes.append(std::to_string(i + 1)).append(",\"errors\":0,\"bytes\":5}");
    }
    auto status = parseStatus(statusText(classes));
    ASSERT_TRUE(status) << status.error().text;
    EXPECT_EQ(status->version, "0.1.0");
    EXPECT_EQ(status->master, 7);
    EXPECT_THAT(status->listen, ElementsAre("127.0.0.1:80"));
    EXPECT_EQ(status->requests, 9u);
    EXPECT_EQ(status->accepted, 4u);
    EXPECT_EQ(status->open, 3u);
    EXPECT_EQ(status->crossings.of[size_t(Class::Log)].calls, size_t(Class::Log) + 1);
    EXPECT_EQ(status->children_us, 11u);
}

TEST(ServerStatus, RefusesWhatIsNotAStatus) {
    for (const std::string& json : {std::string(), std::string("nonsense"), std::string("[1]"), std::string("{}"),
                                    statusText("\"client\":{\"calls\":1}")})
        EXPECT_FALSE(parseStatus(json)) << json;
}

}  // namespace
}  // namespace turnpike::measure
