// bars.h - what something consists of: a bar for each, cut into parts. Pure.
#pragma once
#include <string>
#include <vector>

#include "measure/report/svg.h"
#include "measure/stats/estimate.h"

namespace turnpike::measure::report {

struct Bar {
    std::string label;          // stands above the bar
    std::vector<double> parts;  // in the order of the parts, from the left
    Estimate total;             // unknown: without a whisker
    std::string value;          // stands at the right end of the label's line
};

struct Bars {
    std::string axis;    // with the unit
    double most = 0;     // where the axis ends
    bool names = false;  // whether a part that is wide enough says its share of `most`, in percent
    std::vector<Bar> bars;
};

Svg draw(const Bars& bars, double width);

}  // namespace turnpike::measure::report
