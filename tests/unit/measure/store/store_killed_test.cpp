// Whatever kills a process that writes, and whenever: the store opens, and has every trial that was acknowledged.
#include <Poco/Data/Session.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "measure/store/store.h"
#include "samples.h"
#include "support/temp_folder.h"
#include "writers.h"

namespace turnpike::measure {
namespace {
using namespace Poco::Data::Keywords;

std::string integrity(const std::string& file) {
    std::string said;
    Poco::Data::Session session("SQLite", file);
    session << "PRAGMA integrity_check", into(said), now;
    return said;
}

/// The numbers of whole trials; a trial of which a part is missing would not be like its sample.
std::set<uint64_t> numbersIn(Store& store, int64_t run) {
    std::set<uint64_t> numbers;
    auto trials = store.trials(run);
    if (!trials) {
        ADD_FAILURE() << trials.error().text;
        return numbers;
    }
    for (const Trial& trial : *trials) {
        auto number = static_cast<uint64_t>(trial.extra.at("number"));
        EXPECT_TRUE(numbers.insert(number).second) << "trial " << number << " is there twice";
        const Trial sample = sampleTrial(number);
        EXPECT_EQ(trial.latency_ns.count(), sample.latency_ns.count());
        EXPECT_EQ(trial.crossings.calls(), sample.crossings.calls());
        EXPECT_EQ(trial.extra.size(), sample.extra.size());
        EXPECT_EQ(trial.rejected, sample.rejected);
    }
    return numbers;
}

TEST(StoreKilled, HasEveryAcknowledgedTrial) {
    TempFolder folder;
    const std::string file = folder.path() + "/runs.db";
    int64_t run = *Store::open(file)->begin(sampleRun(), sampleCells());
    std::mt19937 random(20060501);
    std::set<uint64_t> acknowledged;
    auto takeNote = [&](const std::string& text) {
        if (!text.empty() && text != "open") acknowledged.insert(std::stoull(text));
    };
    constexpr int kKills = 80;
    for (int kill = 0; kill < kKills; ++kill) {
        Writer writer({file, std::to_string(run), std::to_string(kill * 1000)});
        ASSERT_EQ(writer.line(), "open");
        for (unsigned i = random() % 4; i != 0; --i) takeNote(writer.line());
        ::usleep(static_cast<useconds_t>(random() % 6000));
        writer.kill();
        for (const std::string& text : writer.rest()) takeNote(text);
        if (kill % 8 != 7) continue;  // the others find the file as the killed one left it
        auto store = Store::open(file);
        ASSERT_TRUE(store) << store.error().text;
        ASSERT_EQ(integrity(file), "ok");
        std::set<uint64_t> found = numbersIn(*store, run);
        EXPECT_TRUE(std::includes(found.begin(), found.end(), acknowledged.begin(), acknowledged.end()));
        EXPECT_LE(found.size(), acknowledged.size() + static_cast<size_t>(kill) + 1) << "at most one more a kill";
    }
    EXPECT_GE(acknowledged.size(), size_t{kKills});
}

TEST(StoreKilled, WhileItMadeTheFileCanStillBeMade) {
    std::mt19937 random(7);
    for (int kill = 0; kill < 30; ++kill) {
        TempFolder folder;
        const std::string file = folder.path() + "/runs.db";
        {
            Writer writer({file, "1", "0", "0"});
            ::usleep(static_cast<useconds_t>(random() % 20'000));
        }
        auto store = Store::open(file);
        ASSERT_TRUE(store) << store.error().text;
        auto run = store->begin(sampleRun(), sampleCells());
        ASSERT_TRUE(run) << run.error().text;
        EXPECT_TRUE(store->add(*run, sampleTrial(0)));
        EXPECT_EQ(integrity(file), "ok");
    }
}

TEST(StoreShared, ByProcessesThatWriteAtOnceHasAllOfBoth) {
    TempFolder folder;
    const std::string file = folder.path() + "/runs.db";
    int64_t run = *Store::open(file)->begin(sampleRun(), sampleCells());
    {
        Writer one({file, std::to_string(run), "0", "60"}), two({file, std::to_string(run), "1000", "60"});
        EXPECT_EQ(one.rest().size(), 61u);
        EXPECT_EQ(two.rest().back(), "1059");
    }
    auto store = Store::open(file);
    ASSERT_TRUE(store);
    EXPECT_EQ(numbersIn(*store, run).size(), 120u);
}

TEST(StoreShared, IsMadeOnceByProcessesThatComeAtOnce) {
    TempFolder folder;
    for (int round = 0; round < 10; ++round) {
        const std::string file = folder.path() + "/" + std::to_string(round);
        Writer one({file, "1", "0", "0"}), two({file, "1", "0", "0"}), three({file, "1", "0", "0"});
        for (Writer* writer : {&one, &two, &three}) EXPECT_EQ(writer->line(), "open");
    }
}

}  // namespace
}  // namespace turnpike::measure
