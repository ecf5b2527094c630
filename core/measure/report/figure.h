// figure.h - a figure of the page: the drawing for wide and for narrow screens, what its colours mean, and its
// numbers as a table for those who want or need them. Pure.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "measure/report/markup.h"
#include "measure/report/svg.h"

namespace turnpike::measure::report {

inline constexpr double kWide = 780, kNarrow = 350;  // pixels; a phone is 360 and more

/// The colours and shapes of a series or part; styles of the page's sheet.
struct Key {
    enum class Shape : uint8_t { Square, Line, Curve, Zone } shape = Shape::Square;
    size_t number = 0;  // of the series, part or zone
    std::string name;
};

struct Figure {
    std::string id;           // of the page
    std::string title;        // what it shows, one line
    std::string description;  // what one sees, for those who do not
    std::string note;         // how to read it, one or two sentences
    std::vector<Key> keys;
    std::function<Svg(double width)> draw;
    std::string table;  // markup; its numbers
};

std::string html(const Figure& figure);

/// "series s3", "part p1", "zone z2": classes of the style sheet.
std::string seriesStyle(size_t number);
std::string partStyle(size_t number);
std::string zoneStyle(size_t number);

}  // namespace turnpike::measure::report
