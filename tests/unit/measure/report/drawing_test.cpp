// What is drawn: nothing over something else, nothing beyond the edge, and lengths as large as their numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "document.h"
#include "measure/report/bars.h"
#include "measure/report/figures.h"
#include "measure/report/forest.h"
#include "measure/report/plot.h"
#include "measure/report/report.h"
#include "sample.h"

namespace turnpike::measure::report {
namespace {
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Box {
    double left = 0, right = 0, top = 0, bottom = 0;
    std::string text;

    bool overlaps(const Box& other) const {
        return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
    }
};

double number(Poco::XML::Element* element, const char* attribute) {
    return std::stod(element->getAttribute(attribute));
}

/// Where a text lies; a little narrower than it may be, since fonts differ.
Box boxOf(Poco::XML::Element* text) {
    Box box;
    box.text = text->innerText();
    const double width = textWidth(box.text) * 0.9, x = number(text, "x"), y = number(text, "y");
    const std::string anchor = text->getAttribute("text-anchor");
    box.left = anchor == "end" ? x - width : anchor == "middle" ? x - width / 2 : x;
    box.right = box.left + width;
    box.top = y - 9;
    box.bottom = y + 2;
    return box;
}

void expectRoomForTexts(Poco::XML::Element* svg) {
    std::istringstream view(svg->getAttribute("viewBox"));
    double x = 0, y = 0, width = 0, height = 0;
    view >> x >> y >> width >> height;
    std::vector<Box> boxes;
    for (Poco::XML::Element* text : Page::allIn(svg, "text")) {
        if (text->hasAttribute("transform")) continue;  // the name of the y axis, alone at the left
        boxes.push_back(boxOf(text));
        const Box& box = boxes.back();
        EXPECT_TRUE(box.left >= -1 && box.right <= width + 1 && box.top >= -1 && box.bottom <= height + 1)
            << svg->getAttribute("aria-labelledby") << ": \"" << box.text << "\" is cut off";
    }
    for (size_t i = 0; i < boxes.size(); ++i)
        for (size_t j = i + 1; j < boxes.size(); ++j)
            EXPECT_FALSE(boxes[i].overlaps(boxes[j])) << svg->getAttribute("aria-labelledby") << ": \""
                                                      << boxes[i].text << "\" over \"" << boxes[j].text << "\"";
}

TEST(Drawings, HaveRoomForAllTheirTextsWideAndNarrow) {
    const Sample sample = makeSample();
    const Page parsed(page(sample.analysis, sample.trials));
    for (Poco::XML::Element* svg : parsed.all("svg")) expectRoomForTexts(svg);
}

std::vector<double> widthsOf(const Svg& svg, const std::string& style) {
    const Page parsed("<p>" + svg.html("a", "t", "d", "") + "</p>");
    std::vector<double> widths;
    for (Poco::XML::Element* rect : parsed.all("rect"))
        if (rect->getAttribute("class") == style) widths.push_back(number(rect, "width"));
    return widths;
}

TEST(BarDrawing, IsAsLongAsItsNumber) {
    Bars bars;
    bars.most = 100;
    bars.bars = {{"one", {20, 30}, {}, "50 µs"}, {"two", {40, 0}, {}, "40 µs"}};
    const Svg svg = draw(bars, 524);  // 5 pixels for each
    EXPECT_THAT(widthsOf(svg, partStyle(0)), ::testing::ElementsAre(100, 200));
    EXPECT_THAT(widthsOf(svg, partStyle(1)), ::testing::ElementsAre(150)) << "what is nothing is not drawn";
}

TEST(BarDrawing, ShortensALabelThatHasNoRoom) {
    Bars bars;
    bars.most = 1;
    bars.bars = {{std::string(200, 'w'), {1}, {}, "1 µs"}};
    const Page parsed("<p>" + draw(bars, 300).html("a", "t", "d", "") + "</p>");
    expectRoomForTexts(parsed.all("svg").front());
    EXPECT_THAT(std::string(parsed.all("svg").front()->innerText()), HasSubstr("w…"));
}

TEST(BarDrawing, CutsBetweenCharacters) {
    Bars bars;
    bars.most = 1;
    for (size_t length = 40; length < 60; ++length) {
        std::string label;
        for (size_t i = 0; i < length; ++i) label += "ä";
        bars.bars.push_back({label, {1}, {}, "1"});
    }
    EXPECT_THAT(draw(bars, 300).html("a", "t", "d", ""), Not(HasSubstr("\xEF\xBF\xBD")));
}

TEST(ForestDrawing, ShadesWhatCannotBeToldFromChance) {
    Forest forest;
    forest.detectable = 0.05;
    forest.groups = {{"transport: unix → tcp",
                      {{"kept", "×1.3", {1.3, 1.2, 1.4, 6}, true}, {"new", "×1", {1, 0.97, 1.03, 6}, false}}}};
    const Svg svg = draw(forest, kWide);
    EXPECT_EQ(widthsOf(svg, "shade").size(), 1u);
    EXPECT_EQ(widthsOf(svg, "effect").size(), 1u);
    EXPECT_EQ(widthsOf(svg, "effect hollow").size(), 1u);
}

TEST(PlotDrawing, PutsPointsAndZonesWhereTheirValuesAre) {
    Plot plot;
    plot.y.low = 0;
    plot.y.high = 100;
    plot.series = {{0, {{0, 0}, {10, 100}}, {}, {}, true}};
    plot.zones = {{0, 50}, {50, 100}};
    const Page parsed("<p>" + draw(plot, kWide).html("a", "t", "d", "") + "</p>");
    std::vector<Poco::XML::Element*> circles = parsed.all("circle"), rects = parsed.all("rect");
    ASSERT_EQ(circles.size(), 2u);
    ASSERT_EQ(rects.size(), 2u);
    EXPECT_LT(number(circles[0], "cx"), number(circles[1], "cx"));
    EXPECT_DOUBLE_EQ(number(circles[1], "cy"), number(rects[1], "y"))
        << "the highest value is the zone's upper end";
    EXPECT_DOUBLE_EQ(number(circles[0], "cy"), number(rects[0], "y") + number(rects[0], "height"));
    EXPECT_DOUBLE_EQ(number(rects[0], "height"), number(rects[1], "height"));
}

TEST(PlotDrawing, LeavesOutWhatIsNowhere) {
    const double nowhere = std::nan(""), infinite = HUGE_VAL;
    for (Scale::Kind kind : {Scale::Kind::Linear, Scale::Kind::Logarithmic}) {
        Plot plot;
        plot.x.kind = plot.y.kind = kind;
        plot.series = {{0, {{1, 2}, {nowhere, 3}, {3, infinite}}, {{1, 0, infinite}}, {{0, nowhere}}, true},
                       {1, {}, {}, {}, true}};
        const std::string html = draw(plot, kWide).html("a", "t", "d", "");
        EXPECT_THAT(html, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("inf"))));
        plot.series = {{0, {}, {}, {}, true}};
        EXPECT_THAT(draw(plot, kNarrow).html("a", "t", "d", ""), HasSubstr("<svg"));
    }
}

TEST(ForestDrawing, KeepsARatioWithoutAnEndWithinTheFigure) {
    Forest forest;
    forest.groups = {{"", {{"a", "b", {2, 0, HUGE_VAL, 6}, false}, {"c", "d", {}, false}}}};
    EXPECT_THAT(draw(forest, kWide).html("a", "t", "d", ""), AllOf(Not(HasSubstr("nan")), Not(HasSubstr("inf"))));
}

TEST(Figures, HaveNoMoreLinesThanColours) {
    const Sample sample = makeSample();
    for (const char* experiment : {"E0", "E1", "E5", "E7", "E9"})
        for (const char* metric : {"cpu", "p50"})
            for (const Figure& figure : lineFigures(sample.analysis, experiment, metric)) {
                EXPECT_LE(figure.keys.size(), 6u) << figure.id;
                EXPECT_GE(figure.keys.size(), 1u) << figure.id;
            }
}

TEST(Figures, ShowTheControlBesideTheHops) {
    const Sample sample = makeSample({"E5"});
    std::vector<Figure> figures = lineFigures(sample.analysis, "E5", "p50");
    ASSERT_EQ(figures.size(), 2u) << "responder and php-fpm";
    for (const Figure& figure : figures) EXPECT_EQ(figure.keys.back().name, "in the server itself, without a hop");
}

TEST(Figures, ShowTheExtremesOfMany) {
    const std::vector<double> few = {1, 2, 3}, many = {0, 0, 1, 1, 5, 5, 20, 20, 50, 50};
    EXPECT_EQ(fewerValues(few, 3), (std::set<double>{1, 2, 3}));
    EXPECT_EQ(fewerValues(many, 9), (std::set<double>{0, 50}));
    EXPECT_EQ(fewerValues(many, 2), (std::set<double>{5}));
}

}  // namespace
}  // namespace turnpike::measure::report
