// forest.h - paired ratios one below the other, each with its interval, around the line of no difference. Pure.
#pragma once
#include <string>
#include <vector>

#include "measure/report/svg.h"
#include "measure/stats/estimate.h"

namespace turnpike::measure::report {

struct ForestRow {
    std::string label, value;
    Estimate ratio;
    bool is_detectable = false;  // drawn full, the others hollow
};

/// Rows that compare the same two things.
struct ForestGroup {
    std::string title;  // empty: none is drawn
    std::vector<ForestRow> rows;
};

struct Forest {
    std::string axis;       // what the ratio is of
    double detectable = 0;  // half-width of what cannot be told from 1
    std::vector<ForestGroup> groups;
};

Svg draw(const Forest& forest, double width);

}  // namespace turnpike::measure::report
