#include "measure/report/figure.h"

namespace turnpike::measure::report {
namespace {

constexpr size_t kColours = 6;  // of the style sheet

std::string swatch(const Key& key) {
    constexpr double kHeight = 14, kLength = 30;
    if (key.shape == Key::Shape::Line || key.shape == Key::Shape::Curve) {
        Svg svg(kLength, kHeight);
        svg.line({0, kHeight / 2}, {kLength, kHeight / 2}, seriesStyle(key.number));
        if (key.shape == Key::Shape::Line)
            svg.marker({kLength / 2, kHeight / 2}, key.number, seriesStyle(key.number) + " mark");
        return svg.hidden("swatch");
    }
    Svg svg(kHeight, kHeight);
    const bool is_zone = key.shape == Key::Shape::Zone;
    svg.rect({1, 1}, kHeight - 2, kHeight - 2,
             is_zone ? zoneStyle(key.number) + " framed" : partStyle(key.number));
    return svg.hidden("swatch");
}

/// One that is alone needs no name.
std::string legend(const std::vector<Key>& keys) {
    if (keys.size() < 2) return "";
    std::string items;
    for (const Key& key : keys) items += element("li", "", swatch(key) + escape(key.name));
    return element("ul", "class=\"legend\"", items);
}

}  // namespace

std::string seriesStyle(size_t number) { return "series s" + std::to_string(number % kColours + 1); }
std::string partStyle(size_t number) { return "part p" + std::to_string(number % kColours + 1); }

std::string zoneStyle(size_t number) { return "zone z" + std::to_string(number + 1); }

std::string html(const Figure& figure) {
    std::string content = textElement("figcaption", figure.title) + legend(figure.keys);
    content += figure.draw(kWide).html(figure.id + "-w", figure.title, figure.description, "wide");
    content += figure.draw(kNarrow).html(figure.id + "-n", figure.title, figure.description, "narrow");
    content += element("p", "class=\"note\"", escape(figure.note));
    if (!figure.table.empty()) content += folded("The numbers", figure.table);
    return element("figure", "id=\"" + figure.id + "\"", content);
}

}  // namespace turnpike::measure::report
