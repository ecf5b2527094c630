// plot.h - lines over an axis: how something grows, how latencies are distributed, where a verdict would change.
// Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "measure/report/scale.h"
#include "measure/report/svg.h"

namespace turnpike::measure::report {

struct Axis {
    std::string label;  // with the unit
    Scale::Kind kind = Scale::Kind::Linear;
    std::optional<double> low, high;              // absent: what the data need, a linear axis from 0
    std::vector<double> ticks;                    // empty: round values
    std::string (*text)(double value) = nullptr;  // of a tick; null: as it is
};

/// What is not known about a point: a vertical whisker.
struct Whisker {
    double x = 0, low = 0, high = 0;
};

struct Series {
    size_t number = 0;  // its colour and marker
    std::vector<Point> points;
    std::vector<Whisker> whiskers;
    std::vector<Point> band;  // the outline of an area around the line; empty: none
    bool has_markers = true;
};

/// A range of y values that means something.
struct Zone {
    double low = 0, high = 0;
};

struct Plot {
    Axis x, y;
    std::vector<Series> series;
    std::vector<Zone> zones;  // each with its own colour
};

Svg draw(const Plot& plot, double width);

}  // namespace turnpike::measure::report
