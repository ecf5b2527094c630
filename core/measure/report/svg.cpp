#include "measure/report/svg.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "measure/analysis/text.h"
#include "measure/report/markup.h"

namespace turnpike::measure::report {
namespace {

std::string attribute(std::string_view name, double value) {
    return " " + std::string(name) + "=\"" + pixels(value) + "\"";
}

std::string styled(std::string_view style) { return style.empty() ? "" : " class=\"" + std::string(style) + "\""; }

std::string joined(const std::vector<Point>& points) {
    std::string text;
    for (const Point& point : points) text += (text.empty() ? "" : " ") + pixels(point.x) + "," + pixels(point.y);
    return text;
}

/// Corners of a marker around the origin.
std::vector<Point> corners(size_t shape) {
    constexpr double r = 4;
    switch (shape) {
        case 1:
            return {{-r, -r}, {r, -r}, {r, r}, {-r, r}};  // square
        case 2:
            return {{0, -r * 1.25}, {r * 1.2, r}, {-r * 1.2, r}};  // triangle
        case 3:
            return {{0, -r * 1.35}, {r * 1.35, 0}, {0, r * 1.35}, {-r * 1.35, 0}};  // diamond
        case 4:
            return {{0, r * 1.25}, {r * 1.2, -r}, {-r * 1.2, -r}};  // triangle on its head
        default:
            return {{-r * 1.5, -r * 0.6}, {r * 1.5, -r * 0.6}, {r * 1.5, r * 0.6}, {-r * 1.5, r * 0.6}};  // slab
    }
}

/// Of a character in UTF-8.
bool isFirstByte(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

}  // namespace

std::string pixels(double value) {
    std::string text = print("%.1f", value);
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    return text == "-0" ? "0" : text;
}

double textWidth(std::string_view text) {
    constexpr double kCharacter = 6.6;  // of 12 px sans-serif
    return kCharacter * static_cast<double>(std::count_if(text.begin(), text.end(), isFirstByte));
}

std::string shortened(std::string text, double room) {
    if (textWidth(text) <= room) return text;
    const std::string ellipsis = "…";
    while (!text.empty() && textWidth(text + ellipsis) > room) {
        while (!isFirstByte(text.back())) text.pop_back();
        text.pop_back();
    }
    return text + ellipsis;
}

void Svg::line(Point from, Point to, std::string_view style) {
    content_ += "<line" + attribute("x1", from.x) + attribute("y1", from.y) + attribute("x2", to.x) +
                attribute("y2", to.y) + styled(style) + "/>\n";
}

void Svg::rect(Point corner, double width, double height, std::string_view style) {
    content_ += "<rect" + attribute("x", corner.x) + attribute("y", corner.y) +
                attribute("width", std::max(width, 0.0)) + attribute("height", std::max(height, 0.0)) +
                styled(style) + "/>\n";
}

void Svg::polyline(const std::vector<Point>& points, std::string_view style) {
    content_ += "<polyline points=\"" + joined(points) + "\"" + styled(style) + "/>\n";
}

void Svg::polygon(const std::vector<Point>& points, std::string_view style) {
    content_ += "<polygon points=\"" + joined(points) + "\"" + styled(style) + "/>\n";
}

void Svg::marker(Point centre, size_t shape, std::string_view style) {
    constexpr size_t kShapes = 6;
    if (shape % kShapes == 0) {
        content_ += "<circle" + attribute("cx", centre.x) + attribute("cy", centre.y) + attribute("r", 4.2) +
                    styled(style) + "/>\n";
        return;
    }
    std::vector<Point> points = corners(shape % kShapes);
    for (Point& point : points) point = {centre.x + point.x, centre.y + point.y};
    polygon(points, style);
}

void Svg::text(Point at, Anchor anchor, std::string_view style, std::string_view text) {
    static constexpr const char* kAnchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    content_ += "<text" + attribute("x", at.x) + attribute("y", at.y) + kAnchors[static_cast<size_t>(anchor)] +
                styled(style) + ">" + escape(text) + "</text>\n";
}

void Svg::verticalText(Point at, std::string_view style, std::string_view text) {
    content_ += "<text transform=\"translate(" + pixels(at.x) + " " + pixels(at.y) +
                ") rotate(-90)\" text-anchor=\"middle\"" + styled(style) + ">" + escape(text) + "</text>\n";
}

std::string Svg::frame(std::string_view style) const {
    return "<svg class=\"" + std::string(style) + "\" viewBox=\"0 0 " + pixels(width_) + " " + pixels(height_) +
           "\" width=\"" + pixels(width_) + "\" height=\"" + pixels(height_) + "\"";
}

std::string Svg::html(std::string_view id, std::string_view title, std::string_view description,
                      std::string_view style) const {
    const std::string name(id);
    return frame(style) + " role=\"img\" aria-labelledby=\"" + name + "-t " + name + "-d\">\n<title id=\"" + name +
           "-t\">" + escape(title) + "</title>\n<desc id=\"" + name + "-d\">" + escape(description) + "</desc>\n" +
           content_ + "</svg>\n";
}

std::string Svg::hidden(std::string_view style) const {
    return frame(style) + " aria-hidden=\"true\">\n" + content_ + "</svg>\n";
}

}  // namespace turnpike::measure::report
