#include "measure/report/bars.h"

#include <algorithm>

#include "measure/analysis/text.h"
#include "measure/report/figure.h"
#include "measure/report/scale.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

using Anchor = Svg::Anchor;

constexpr double kTop = 4, kRow = 46, kBar = 20, kBottom = 42, kSide = 12;

void drawParts(Svg& svg, const Bars& bars, const Bar& bar, const Scale& x, double top) {
    double sum = 0;
    for (size_t i = 0; i < bar.parts.size(); ++i) {
        double from = x.at(sum), to = x.at(sum + bar.parts[i]);
        sum += bar.parts[i];
        if (to - from < 0.2) continue;
        svg.rect({from, top}, to - from, kBar, partStyle(i));
        const std::string share = print("%.0f %%", 100 * bar.parts[i] / bars.most);
        if (bars.names && to - from > textWidth(share) + 6)
            svg.text({(from + to) / 2, top + 14.5}, Anchor::Middle, "inside i" + std::to_string(i + 1), share);
    }
}

void drawWhisker(Svg& svg, const Estimate& total, const Scale& x, double top) {
    if (!total.isKnown()) return;
    double low = x.at(total.low), high = x.at(total.high), middle = top + kBar / 2;
    svg.line({low, middle}, {high, middle}, "error");
    for (double end : {low, high}) svg.line({end, middle - 4}, {end, middle + 4}, "error");
}

}  // namespace

Svg draw(const Bars& bars, double width) {
    const double bottom = kTop + kRow * static_cast<double>(bars.bars.size()) + 4;
    Svg svg(width, bottom + kBottom);
    const Scale x(Scale::Kind::Linear, 0, bars.most, kSide, width - kSide);
    const std::vector<double> ticks = x.ticks(width < 500 ? 5 : 9);
    for (double tick : ticks) {
        const double half = textWidth(tickText(tick)) / 2;
        svg.text({std::min(x.at(tick), width - half), bottom + 16}, Anchor::Middle, "tick", tickText(tick));
    }
    svg.text({width / 2, bottom + 35}, Anchor::Middle, "label", bars.axis);
    double top = kTop;
    for (const Bar& bar : bars.bars) {
        svg.text({kSide, top + 14}, Anchor::Start, "row",
                 shortened(bar.label, width - 2 * kSide - textWidth(bar.value) - 12));
        svg.text({width - kSide, top + 14}, Anchor::End, "row-value", bar.value);
        for (double tick : ticks) svg.line({x.at(tick), top + 19}, {x.at(tick), top + 19 + kBar}, "grid");
        drawParts(svg, bars, bar, x, top + 19);
        drawWhisker(svg, bar.total, x, top + 19);
        top += kRow;
    }
    svg.line({kSide, bottom}, {width - kSide, bottom}, "axis");
    return svg;
}

}  // namespace turnpike::measure::report
