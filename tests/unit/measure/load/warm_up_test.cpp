#include "measure/load/warm_up.h"

#include <gtest/gtest.h>

namespace turnpike::measure {
namespace {

TEST(WarmUp, IsOverWhenThreeMediansAgreeWithinTwoPerCent) {
    struct {
        std::vector<uint64_t> medians;
        bool is_steady;
    } const cases[] = {
        {{}, false},
        {{1000, 1000}, false},
        {{1000, 1000, 1000}, true},
        {{1000, 1010, 1020}, true},
        {{1020, 1000, 1010}, true},
        {{1000, 1010, 1021}, false},  // the ends differ by more, the neighbours by less
        {{1021, 1010, 1000}, false},
        {{5000, 1000, 1000, 1000}, true},  // only the last three count
        {{1000, 1000, 1000, 5000}, false},
        {{0, 0, 0}, false},  // a server that does not answer is not steady
        {{1000, 1000, 0}, false},
    };
    for (const auto& c : cases) EXPECT_EQ(isSteady(c.medians), c.is_steady) << testing::PrintToString(c.medians);
}

}  // namespace
}  // namespace turnpike::measure
