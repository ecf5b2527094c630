#include "measure/report/scale.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace turnpike::measure::report {
namespace {

using Kind = Scale::Kind;

void expectTicks(const std::vector<double>& got, const std::vector<double>& wanted) {
    ASSERT_EQ(got.size(), wanted.size()) << ::testing::PrintToString(got);
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], std::abs(wanted[i]) * 1e-9);
}

TEST(Scale, PutsValuesWhereTheyBelong) {
    const Scale linear(Kind::Linear, 0, 10, 100, 300);
    EXPECT_DOUBLE_EQ(linear.at(0), 100);
    EXPECT_DOUBLE_EQ(linear.at(2.5), 150);
    EXPECT_DOUBLE_EQ(linear.at(10), 300);
    const Scale logarithmic(Kind::Logarithmic, 1, 100, 0, 200);
    EXPECT_DOUBLE_EQ(logarithmic.at(1), 0);
    EXPECT_NEAR(logarithmic.at(10), 100, 1e-9);
    const Scale upwards(Kind::Linear, 0, 1, 300, 0);
    EXPECT_DOUBLE_EQ(upwards.at(0.25), 225);
}

TEST(Scale, KeepsWhatIsBeyondItsEndsAtThem) {
    const Scale scale(Kind::Linear, 0, 10, 0, 100);
    EXPECT_DOUBLE_EQ(scale.at(-5), 0);
    EXPECT_DOUBLE_EQ(scale.at(50), 100);
    const Scale logarithmic(Kind::Logarithmic, 1, 10, 0, 100);
    EXPECT_DOUBLE_EQ(logarithmic.at(0), 0) << "which has no logarithm";
    EXPECT_DOUBLE_EQ(logarithmic.at(-3), 0);
}

TEST(Scale, DrawsEqualEndsApart) {
    for (double value : {0.0, 5.0, -3.0}) {
        const Scale scale(Kind::Linear, value, value, 0, 100);
        EXPECT_DOUBLE_EQ(scale.at(value), 50) << value;
    }
    const Scale logarithmic(Kind::Logarithmic, 7, 7, 0, 100);
    EXPECT_TRUE(std::isfinite(logarithmic.at(7)));
}

TEST(Scale, OfLogarithmsTakesEndsThatHaveNone) {
    for (double low : {0.0, -5.0})
        for (double high : {100.0, 0.0, -1.0}) {
            const Scale scale(Kind::Logarithmic, low, high, 0, 100);
            EXPECT_TRUE(std::isfinite(scale.at(50))) << low << " to " << high;
            EXPECT_LE(scale.ticks(5).size(), 5u);
        }
}

TEST(Ticks, OfALinearScaleAreRound) {
    expectTicks(linearTicks(0, 10, 6), {0, 2, 4, 6, 8, 10});
    expectTicks(linearTicks(0, 1, 6), {0, 0.2, 0.4, 0.6, 0.8, 1});
    expectTicks(linearTicks(0, 140, 5), {0, 50, 100});
    expectTicks(linearTicks(-0.3, 0.3, 7), {-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3});
    expectTicks(linearTicks(0, 2.4e6, 6), {0, 500'000, 1e6, 1.5e6, 2e6});
}

TEST(Ticks, OfALogarithmicScaleGetFewerWithLessRoom) {
    expectTicks(logarithmicTicks(1, 100, 8), {1, 2, 5, 10, 20, 50, 100});
    expectTicks(logarithmicTicks(1, 100, 5), {1, 3, 10, 30, 100});
    expectTicks(logarithmicTicks(1, 100, 3), {1, 10, 100});
    expectTicks(logarithmicTicks(0.001, 1e6, 5), {0.001, 0.1, 10, 1000, 1e5});
    expectTicks(logarithmicTicks(45, 260, 8), {50, 100, 200});
}

TEST(Ticks, OfASpanWithoutRoundPowersAreLinear) { expectTicks(logarithmicTicks(61, 79, 4), {70}); }

TEST(Ticks, AreNeverMoreThanThereIsRoomForAndLieWithin) {
    for (double low : {0.0013, 0.7, 3.0, 99.0, 12345.0})
        for (double factor : {1.05, 1.7, 12.0, 900.0, 5e7})
            for (size_t most : {2, 3, 5, 9}) {
                for (Kind kind : {Kind::Linear, Kind::Logarithmic}) {
                    const Scale scale(kind, low, low * factor, 0, 500);
                    std::vector<double> ticks = scale.ticks(most);
                    EXPECT_LE(ticks.size(), most) << low << " to " << low * factor;
                    EXPECT_TRUE(std::is_sorted(ticks.begin(), ticks.end()));
                    for (double tick : ticks) {
                        EXPECT_GE(tick, low * (1 - 1e-6));
                        EXPECT_LE(tick, low * factor * (1 + 1e-6));
                    }
                }
            }
}

TEST(RoundUp, GivesTheEndOfAnAxis) {
    EXPECT_DOUBLE_EQ(roundUp(0), 0);
    EXPECT_DOUBLE_EQ(roundUp(100), 100);
    EXPECT_DOUBLE_EQ(roundUp(101), 120);
    EXPECT_DOUBLE_EQ(roundUp(0.021), 0.025);
    EXPECT_DOUBLE_EQ(roundUp(9.1), 10);
}

}  // namespace
}  // namespace turnpike::measure::report
