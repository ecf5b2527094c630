#include "measure/report/plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "measure/report/figure.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

using Anchor = Svg::Anchor;

constexpr double kTop = 14, kBottom = 46, kRight = 18;
constexpr double kBetweenTicks = 34;  // pixels at least, upwards

struct Range {
    double low = std::numeric_limits<double>::infinity(), high = -low, least_positive = low;

    void take(double value) {
        if (!std::isfinite(value)) return;
        low = std::min(low, value);
        high = std::max(high, value);
        if (value > 0) least_positive = std::min(least_positive, value);
    }
};

Range rangeOfX(const Plot& plot) {
    Range range;
    for (const Series& series : plot.series) {
        for (const Point& point : series.points) range.take(point.x);
        for (const Point& point : series.band) range.take(point.x);
    }
    return range;
}

Range rangeOfY(const Plot& plot) {
    Range range;
    for (const Series& series : plot.series) {
        for (const Point& point : series.points) range.take(point.y);
        for (const Point& point : series.band) range.take(point.y);
        for (const Whisker& whisker : series.whiskers) {
            range.take(whisker.low);
            range.take(whisker.high);
        }
    }
    return range;
}

Scale scaleOf(const Axis& axis, Range range, double from, double to, bool is_y) {
    if (range.low > range.high) range.low = range.high = range.least_positive = 1;  // there is no data
    if (axis.kind == Scale::Kind::Logarithmic)
        return {axis.kind, axis.low.value_or(range.least_positive), axis.high.value_or(range.high), from, to};
    const double low = is_y ? std::min(range.low, 0.0) : range.low;
    return {axis.kind, axis.low.value_or(low), axis.high.value_or(is_y ? roundUp(range.high) : range.high), from,
            to};
}

std::string textOf(const Axis& axis, double value) {
    return axis.text != nullptr ? axis.text(value) : tickText(value);
}

/// The frame of a plot: where its scales lie, and the axes themselves.
class Frame {
 public:
    Frame(const Plot& plot, Svg& svg, double width, double height)
        : plot_(plot), svg_(svg), bottom_(height - kBottom), right_(width - kRight) {
        Scale y = scaleOf(plot.y, rangeOfY(plot), bottom_, kTop, true);
        y_ticks_ =
            plot.y.ticks.empty() ? y.ticks(static_cast<size_t>((bottom_ - kTop) / kBetweenTicks)) : plot.y.ticks;
        double widest = 0;
        for (double tick : y_ticks_) widest = std::max(widest, textWidth(textOf(plot.y, tick)));
        left_ = widest + 32;
    }
    Scale x() const { return scaleOf(plot_.x, rangeOfX(plot_), left_, right_, false); }
    Scale y() const { return scaleOf(plot_.y, rangeOfY(plot_), bottom_, kTop, true); }

    void drawZones() const {
        for (size_t i = 0; i < plot_.zones.size(); ++i) {
            double top = y().at(plot_.zones[i].high), bottom = y().at(plot_.zones[i].low);
            svg_.rect({left_, top}, right_ - left_, bottom - top, zoneStyle(i));
        }
    }
    void drawAxes() const {
        for (double tick : y_ticks_) {
            double at = y().at(tick);
            svg_.line({left_, at}, {right_, at}, "grid");
            svg_.text({left_ - 6, at + 4}, Anchor::End, "tick", textOf(plot_.y, tick));
        }
        svg_.verticalText({12, (kTop + bottom_) / 2}, "label", plot_.y.label);
        svg_.line({left_, bottom_}, {right_, bottom_}, "axis");
        drawX();
        svg_.text({(left_ + right_) / 2, bottom_ + 38}, Anchor::Middle, "label", plot_.x.label);
    }

 private:
    /// Of ticks that are too near to each other, the later ones keep their line only.
    void drawX() const {
        const Scale scale = x();
        const double room = 10;
        double free_from = -room;
        for (double tick : xTicks(scale)) {
            const std::string name = textOf(plot_.x, tick);
            double at = scale.at(tick), half = textWidth(name) / 2;
            svg_.line({at, bottom_}, {at, bottom_ + 5}, "axis");
            double middle = std::min(at, right_ + kRight - half);
            if (middle - half < free_from) continue;
            svg_.text({middle, bottom_ + 19}, Anchor::Middle, "tick", name);
            free_from = middle + half + room;
        }
    }
    std::vector<double> xTicks(const Scale& scale) const {
        if (!plot_.x.ticks.empty()) return plot_.x.ticks;
        return scale.ticks(std::max<size_t>(2, static_cast<size_t>((right_ - left_) / 64)));
    }

    const Plot& plot_;
    Svg& svg_;
    double left_ = 0, bottom_, right_;
    std::vector<double> y_ticks_;
};

/// Points that are somewhere.
std::vector<Point> placed(const std::vector<Point>& points, const Scale& x, const Scale& y) {
    std::vector<Point> out;
    for (const Point& point : points)
        if (std::isfinite(point.x) && std::isfinite(point.y)) out.push_back({x.at(point.x), y.at(point.y)});
    return out;
}

void drawSeries(Svg& svg, const Series& series, const Scale& x, const Scale& y) {
    const std::string style = seriesStyle(series.number);
    svg.polyline(placed(series.points, x, y), style);
    for (const Whisker& whisker : series.whiskers) {
        double at = x.at(whisker.x), low = y.at(whisker.low), high = y.at(whisker.high);
        svg.line({at, low}, {at, high}, style + " whisker");
        for (double end : {low, high}) svg.line({at - 3, end}, {at + 3, end}, style + " whisker");
    }
    if (!series.has_markers) return;
    for (const Point& point : placed(series.points, x, y)) svg.marker(point, series.number, style + " mark");
}

}  // namespace

Svg draw(const Plot& plot, double width) {
    const double height = width < 500 ? 290 : 360;
    Svg svg(width, height);
    Frame frame(plot, svg, width, height);
    frame.drawZones();
    frame.drawAxes();
    const Scale x = frame.x(), y = frame.y();
    for (const Series& series : plot.series)
        if (!series.band.empty()) svg.polygon(placed(series.band, x, y), seriesStyle(series.number) + " band");
    for (const Series& series : plot.series) drawSeries(svg, series, x, y);
    return svg;
}

}  // namespace turnpike::measure::report
