#include "measure/experiment/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnpike::measure {
namespace {

using ::testing::ContainsRegex;

TEST(CellTable, ShowsWhatThereIsAndADashForWhatIsNot) {
    Analysis analysis;
    CellSummary cell;
    cell.cell.key = "E5/responder/unix/kept/1024/single";
    cell.trials = 6;
    cell.rejected = 1;
    cell.per_second = {12345.4, 12000, 12500, 6};
    cell.engine_us = {12.34, 12, 13, 6};
    cell.calls[static_cast<size_t>(ledger::Class::Backend)] = 2;
    cell.calls[static_cast<size_t>(ledger::Class::Client)] = 2.01;
    cell.bytes = 2500;
    analysis.cells.push_back(cell);
    const std::string text = cellTable(analysis);
    EXPECT_THAT(text, ContainsRegex("E5/responder/unix/kept/1024/single +12345 +- +12\\.3 +- +- +2\\.01 +2\\.00 "
                                    "+0\\.00 +0\\.00 +0\\.00 +0\\.00 +4\\.01 +2500 +6 +1\n"));
}

}  // namespace
}  // namespace turnpike::measure
