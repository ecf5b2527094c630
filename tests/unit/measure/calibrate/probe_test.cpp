#include "measure/calibrate/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "measure/calibrate/probes.h"

namespace turnpike::measure {
namespace {

using ::testing::ElementsAre;

/// Gives these values one after the other, after those that finding the repeats takes.
Probe scripted(const std::string& name, std::vector<double> values) {
    auto next = std::make_shared<int>(-2);
    return {name, [next, values = std::move(values)](uint64_t) -> Result<double> {
                const int at = (*next)++;
                return at < 0 ? 0.0 : values.at(static_cast<size_t>(at));
            }};
}

CalibrationOptions options(unsigned batches, uint64_t seed = 1) {
    CalibrationOptions options;
    options.batches = batches;
    options.batch_ns = 0;  // one repeat will do
    options.seed = seed;
    return options;
}

TEST(CalibrationRounds, SumUpTheBatchesOfEachProbe) {
    Probes probes;
    probes.ready = {scripted("a", {5, 1, 4, 2, 3}), scripted("b", {7, 7, 7, 7, 100})};
    std::vector<Constant> constants = takeTurns(probes, options(5));
    ASSERT_EQ(constants.size(), 2u);
    const Constant& a = constants[0];
    EXPECT_EQ(a.name, "a");
    EXPECT_EQ(a.unit, "ns");
    EXPECT_EQ(a.batches, 5u);
    EXPECT_EQ(a.median, 3);
    EXPECT_EQ(a.low, 2);
    EXPECT_EQ(a.high, 4);
    EXPECT_EQ(a.least, 1);
    EXPECT_EQ(constants[1].median, 7) << "one batch that was disturbed moves nothing";
    EXPECT_TRUE(probes.notes.empty());
}

/// The names of the probes in the order in which their batches ran, without those before the first round.
std::vector<std::string> orderOf(uint64_t seed) {
    auto ran = std::make_shared<std::vector<std::string>>();
    Probes probes;
    for (const char* name : {"a", "b", "c", "d"})
        probes.ready.push_back({name, [ran, name](uint64_t) -> Result<double> {
                                    ran->push_back(name);
                                    return 1.0;
                                }});
    takeTurns(probes, options(6, seed));
    return {ran->begin() + 8, ran->end()};
}

TEST(CalibrationRounds, TakeTurnsInAnOrderDrawnForEachRound) {
    const std::vector<std::string> order = orderOf(1);
    ASSERT_EQ(order.size(), 24u);
    std::set<std::vector<std::string>> rounds;
    for (size_t i = 0; i < order.size(); i += 4) {
        std::vector<std::string> round(order.begin() + static_cast<long>(i),
                                       order.begin() + static_cast<long>(i) + 4);
        rounds.insert(round);
        std::sort(round.begin(), round.end());
        EXPECT_THAT(round, ElementsAre("a", "b", "c", "d")) << "each once";
    }
    EXPECT_GT(rounds.size(), 1u);
    EXPECT_EQ(orderOf(1), order) << "the seed decides";
    EXPECT_NE(orderOf(2), order);
}

TEST(CalibrationRounds, LeaveOutWhatFailsAndSayWhy) {
    Probes probes;
    int calls = 0;
    probes.ready = {{"never",
                     [](uint64_t) -> Result<double> {
                         return Error{EIO, "no such thing"};
                     }},
                    {"later",
                     [&calls](uint64_t) -> Result<double> {
                         if (++calls > 4) return Error{EIO, "it broke"};
                         return 1.0;
                     }},
                    scripted("good", {1, 2, 3, 4})};
    std::vector<Constant> constants = takeTurns(probes, options(4));
    ASSERT_EQ(constants.size(), 1u);
    EXPECT_EQ(constants[0].name, "good");
    EXPECT_THAT(probes.notes, ElementsAre("never: left out, no such thing", "later: left out, it broke"));
    EXPECT_EQ(calls, 5) << "it is not tried again";
}

TEST(CalibrationRounds, RepeatWhatIsQuickAndNotWhatIsSlow) {
    auto counted = [](uint64_t repeats) -> Result<double> { return static_cast<double>(repeats); };
    auto slow = repeatsFor({"slow", counted}, 0), quick = repeatsFor({"quick", counted}, 1'000'000'000);
    ASSERT_TRUE(slow && quick);
    EXPECT_EQ(*slow, 1u);
    EXPECT_GT(*quick, 1000u);
}

TEST(CalibrationSteps, EndAtTheFirstThatFails) {
    int steps = 0;
    EXPECT_FALSE(nsEach(10, [&] { return ++steps < 4; }));
    EXPECT_EQ(steps, 4);
    EXPECT_FALSE(medianNs(10, [&] { return ++steps < 8; }));
    EXPECT_EQ(steps, 8);
    auto good = medianNs(3, [&] { return ++steps > 0; });
    ASSERT_TRUE(good);
    EXPECT_EQ(steps, 11);
    EXPECT_GE(*good, 0);
}

TEST(CopySlope, IsWhatAKibAdds) {
    std::vector<uint32_t> sizes;
    auto line = nsPerKib([&](uint32_t bytes) -> Result<double> {
        sizes.push_back(bytes);
        return 8000 + 65 * (bytes / 1024.0);
    });
    ASSERT_TRUE(line);
    EXPECT_NEAR(*line, 65, 1e-9);
    EXPECT_EQ(sizes.front(), 1u);
    EXPECT_EQ(sizes.back(), 256u << 10);
    // Each a little off: the line goes between them.
    int sign = 1;
    auto noisy = nsPerKib(
        [&](uint32_t bytes) -> Result<double> { return 8000 + 65 * (bytes / 1024.0) + 100 * (sign = -sign); });
    ASSERT_TRUE(noisy);
    EXPECT_NEAR(*noisy, 65, 2);
    EXPECT_FALSE(nsPerKib([](uint32_t) -> Result<double> { return Error{EIO, "gone"}; }));
}

}  // namespace
}  // namespace turnpike::measure
