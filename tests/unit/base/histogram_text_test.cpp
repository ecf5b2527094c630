#include "base/histogram_text.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace turnpike {
namespace {

struct Row {
    double value = 0, percentile = 0;
    uint64_t count = 0;
    std::string inverse;  // empty in the last row
};

/// As the plotter of HdrHistogram reads it: words between spaces, comments begin with #.
std::vector<Row> rowsOf(const std::string& text) {
    std::vector<Row> rows;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        Row row;
        if (line.starts_with("#") || !(words >> row.value >> row.percentile >> row.count)) continue;
        words >> row.inverse;
        rows.push_back(row);
    }
    return rows;
}

TEST(Hgrm, HasTheLinesThatHdrHistogramWrites) {
    Histogram h;
    for (uint64_t v = 1; v <= 10; ++v) h.add(v);
    EXPECT_EQ(hgrm(h, 1),
              "       Value     Percentile TotalCount 1/(1-Percentile)\n"
              "\n"
              "       1.000 0.000000000000          1           1.00\n"
              "       1.000 0.100000000000          1           1.11\n"
              "       2.000 0.200000000000          2           1.25\n"
              "       3.000 0.300000000000          3           1.43\n"
              "       4.000 0.400000000000          4           1.67\n"
              "       5.000 0.500000000000          5           2.00\n"
              "       6.000 0.550000000000          6           2.22\n"
              "       6.000 0.600000000000          6           2.50\n"
              "       7.000 0.650000000000          7           2.86\n"
              "       7.000 0.700000000000          7           3.33\n"
              "       8.000 0.750000000000          8           4.00\n"
              "       8.000 0.775000000000          8           4.44\n"
              "       8.000 0.800000000000          8           5.00\n"
              "       9.000 0.825000000000          9           5.71\n"
              "       9.000 0.850000000000          9           6.67\n"
              "       9.000 0.875000000000          9           8.00\n"
              "       9.000 0.887500000000          9           8.89\n"
              "       9.000 0.900000000000          9          10.00\n"
              "      10.000 0.912500000000         10          11.43\n"
              "      10.000 1.000000000000         10\n"
              "#[Mean    =        5.500, StdDeviation   =        2.872]\n"
              "#[Max     =       10.000, Total count    =           10]\n");
}

TEST(Hgrm, AgreesWithThePercentilesAndRisesToTheLargest) {
    Histogram h;
    for (uint64_t v = 1; v < 40'000'000; v += 997) h.add(v);
    auto rows = rowsOf(hgrm(h, 1e6));
    ASSERT_GT(rows.size(), 50u);
    for (size_t i = 0; i + 1 < rows.size(); ++i) {
        EXPECT_LE(rows[i].value, rows[i + 1].value);
        EXPECT_LT(rows[i].percentile, rows[i + 1].percentile);
        auto exact = static_cast<double>(h.percentile(rows[i].percentile * 100)) / 1e6;
        EXPECT_NEAR(rows[i].value, exact, exact * 0.002 + 0.001) << i;
    }
    EXPECT_EQ(rows.back().count, h.count());
    EXPECT_EQ(rows.back().inverse, "");
    EXPECT_NEAR(rows.back().value, static_cast<double>(h.largest()) / 1e6, 0.001);
}

TEST(Hgrm, OfNothingHasNoRows) { EXPECT_TRUE(rowsOf(hgrm(Histogram(), 1e6)).empty()); }

}  // namespace
}  // namespace turnpike
