#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "measure/report/report.h"
#include "sample.h"

namespace turnpike::measure::report {
namespace {

TEST(Page, Draft) {
    Sample sample = makeSample();
    std::ofstream("/tmp/sample.html") << page(sample.analysis, sample.trials);
}

}  // namespace
}  // namespace turnpike::measure::report
