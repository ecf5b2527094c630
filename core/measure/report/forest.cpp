#include "measure/report/forest.h"

#include <algorithm>
#include <cmath>

#include "measure/report/scale.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

using Anchor = Svg::Anchor;

constexpr double kTop = 6, kBottom = 44, kHead = 30, kSide = 12;

double headHeight(const ForestGroup& group) { return group.title.empty() ? 0 : kHead; }

/// Both ends of the axis, as far from 1 as is needed and at least 10 %.
double reach(const Forest& forest) {
    double most = std::max(std::log(1.1), std::log1p(forest.detectable) * 1.5);
    for (const ForestGroup& group : forest.groups)
        for (const ForestRow& row : group.rows)
            for (double end : {row.ratio.low, row.ratio.high})
                if (end > 0 && std::isfinite(end)) most = std::max(most, std::abs(std::log(end)) * 1.05);
    return std::exp(most);
}

/// The ratios that the axis names, as far apart as there is room for.
std::vector<double> ticksFor(double most) {
    if (most < 1.3) return {0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.2};
    if (most < 2.5) return {0.5, 0.6, 0.8, 1, 1.2, 1.5, 2};
    if (most < 12) return {0.1, 0.2, 0.5, 1, 2, 5, 10};
    return {0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000, 10'000};
}

class Drawing {
 public:
    Drawing(const Forest& forest, double width)
        : forest_(forest),
          width_(width),
          is_narrow_(width < 500),
          most_(reach(forest)),
          row_height_(is_narrow_ ? 52 : 24),
          bottom_(height() - kBottom),
          svg_(width, height()),
          x_(Scale::Kind::Logarithmic, 1 / most_, most_, is_narrow_ ? kSide : width * 0.34, plotEnd()) {}

    Svg make() {
        double low = x_.at(1 / (1 + forest_.detectable)), high = x_.at(1 + forest_.detectable);
        svg_.rect({low, kTop}, high - low, bottom_ - kTop, "shade");
        drawAxis();
        double top = kTop;
        for (const ForestGroup& group : forest_.groups) {
            svg_.text({kSide, top + 19}, Anchor::Start, "head", group.title);
            top += headHeight(group);
            for (const ForestRow& row : group.rows) {
                drawRow(row, top);
                top += row_height_;
            }
        }
        return svg_;
    }

 private:
    double plotEnd() const { return is_narrow_ ? width_ - kSide : width_ - 176; }
    double height() const {
        double sum = kTop + kBottom + 6;
        for (const ForestGroup& group : forest_.groups)
            sum += headHeight(group) + row_height_ * static_cast<double>(group.rows.size());
        return sum;
    }
    void drawAxis() {
        double free_from = 0;
        for (double tick : ticksFor(most_)) {
            if (tick < x_.low() || tick > x_.high()) continue;
            const std::string name = "×" + tickText(tick);
            double at = x_.at(tick), half = textWidth(name) / 2;
            svg_.line({at, kTop}, {at, bottom_}, tick == 1 ? "one" : "grid");
            if (at - half < free_from) continue;
            svg_.text({at, bottom_ + 16}, Anchor::Middle, "tick", name);
            free_from = at + half + 6;
        }
        svg_.text({(x_.at(x_.low()) + x_.at(x_.high())) / 2, bottom_ + 36}, Anchor::Middle, "label", forest_.axis);
    }
    void drawRow(const ForestRow& row, double top) {
        const double line = top + (is_narrow_ ? 13 : 16), middle = top + (is_narrow_ ? 40 : 12);
        if (is_narrow_) {
            svg_.text({kSide, line}, Anchor::Start, "row", shortened(row.label, width_ - 2 * kSide));
            svg_.text({kSide, line + 15}, Anchor::Start, "row-value", row.value);
        } else {
            svg_.text({kSide, line}, Anchor::Start, "row", shortened(row.label, x_.at(x_.low()) - 2 * kSide));
            svg_.text({width_ - kSide, line}, Anchor::End, "row-value", row.value);
        }
        if (!row.ratio.isKnown()) return;
        const std::string style = row.is_detectable ? "effect" : "effect hollow";
        svg_.line({x_.at(row.ratio.low), middle}, {x_.at(row.ratio.high), middle}, style);
        svg_.rect({x_.at(row.ratio.value) - 4, middle - 4}, 8, 8, style);
    }

    const Forest& forest_;
    double width_;
    bool is_narrow_;
    double most_, row_height_, bottom_;
    Svg svg_;
    Scale x_;
};

}  // namespace

Svg draw(const Forest& forest, double width) { return Drawing(forest, width).make(); }

}  // namespace turnpike::measure::report
