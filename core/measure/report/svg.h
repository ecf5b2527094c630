// svg.h - a drawing that becomes part of a page: its colours are classes of the page's style sheet, so that they
// follow the reader's light or dark. Coordinates are pixels, y downwards. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::measure::report {

struct Point {
    double x = 0, y = 0;
};

class Svg {
 public:
    Svg(double width, double height) : width_(width), height_(height) {}

    enum class Anchor : uint8_t { Start, Middle, End };

    void line(Point from, Point to, std::string_view style);
    void rect(Point corner, double width, double height, std::string_view style);
    void polyline(const std::vector<Point>& points, std::string_view style);
    void polygon(const std::vector<Point>& points, std::string_view style);
    /// One of six shapes, so that nobody has to tell series by colour alone.
    void marker(Point centre, size_t shape, std::string_view style);
    void text(Point at, Anchor anchor, std::string_view style, std::string_view text);
    /// From bottom to top.
    void verticalText(Point at, std::string_view style, std::string_view text);

    /// `title` names it for those who cannot see it. Such an id must be the page's only one.
    std::string html(std::string_view id, std::string_view title, std::string_view description,
                     std::string_view style) const;
    /// One that says nothing which the text beside it does not say.
    std::string hidden(std::string_view style) const;

 private:
    std::string frame(std::string_view style) const;

    double width_, height_;
    std::string content_;
};

/// "12.3": a coordinate.
std::string pixels(double value);
/// About how wide a text is in the font of the drawings.
double textWidth(std::string_view text);
/// The text, or as much of it as has room, with an ellipsis.
std::string shortened(std::string text, double room);

}  // namespace turnpike::measure::report
