#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "document.h"
#include "measure/report/report.h"
#include "sample.h"

namespace turnpike::measure::report {
namespace {
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const Sample& whole() {
    static const Sample sample = makeSample();
    return sample;
}
const std::string& wholePage() {
    static const std::string text = page(whole().analysis, whole().trials);
    return text;
}
std::string pageOf(const Sample& sample) { return page(sample.analysis, sample.trials); }

TEST(Page, HasEverySection) {
    const Page parsed(wholePage());
    for (const char* id :
         {"findings", "certainty", "e1", "e3", "e4", "e5", "e7", "e9", "machine", "repeat", "method"})
        EXPECT_NE(parsed.byId(id), nullptr) << id;
    EXPECT_EQ(parsed.byId("missing"), nullptr) << "nothing is missing";
}

TEST(Page, HasEveryFigure) {
    const Page parsed(wholePage());
    for (const char* id :
         {"bound-static-files-and-php-pages", "bound-static-files-and-php-pages-with-queries",
          "bound-static-files-connections-kept", "shares", "e0-cpu-", "e0-cpu-one-connection-effects", "e1-split",
          "e4-split", "e5-p50-responder", "e5-latency-transport", "e7-p50-persistent", "e7-p50-per-request",
          "e7-cpu-one-connection-effects", "e9-cpu-"})
        EXPECT_NE(parsed.byId(id), nullptr) << id;
}

TEST(Page, SaysFirstWhatWasFound) {
    const std::string& text = wholePage();
    EXPECT_LT(text.find("id=\"findings\""), text.find("id=\"certainty\""));
    EXPECT_LT(text.find("id=\"certainty\""), text.find("id=\"e1\""));
    const std::string findings = Page(text).textOf("findings");
    for (const Verdict& verdict : whole().analysis.verdicts) {
        EXPECT_THAT(findings, HasSubstr(verdict.sentence.substr(0, verdict.sentence.find(" (Linux"))));
        EXPECT_THAT(findings, HasSubstr(verdict.claim_text));
    }
}

TEST(Page, ShowsEveryCheckWithItsResult) {
    const std::string certainty = Page(wholePage()).textOf("certainty");
    for (const Check& check : whole().analysis.checks) {
        EXPECT_THAT(certainty, HasSubstr(check.what));
        EXPECT_THAT(certainty, HasSubstr(check.detail));
    }
    EXPECT_THAT(certainty, AllOf(HasSubstr("PASS"), HasSubstr("not measured")));
}

TEST(Page, ListsRejectedTrialsWithTheirReasons) {
    size_t rejected = 0;
    for (const Trial& trial : whole().trials) rejected += trial.rejected.empty() ? 0 : 1;
    ASSERT_GT(rejected, 0u);
    EXPECT_THAT(
        Page(wholePage()).textOf("certainty"),
        AllOf(HasSubstr(std::to_string(rejected) + " of " + std::to_string(whole().trials.size()) + " trials"),
              HasSubstr("steal was 2.4 %, more than 1 %")));
}

TEST(Page, TellsHowToRepeatItAndOnWhat) {
    const Page parsed(wholePage());
    EXPECT_THAT(parsed.textOf("repeat"),
                AllOf(HasSubstr("turnpike measure --all --blocks 6 --seed 4711"),
                      HasSubstr("turnpike report 12 -o"), HasSubstr("--show-config responder-unix-kept-512")));
    EXPECT_THAT(parsed.textOf("machine"), AllOf(HasSubstr("Linux 6.1.0-25-amd64"), HasSubstr("null_syscall")));
}

TEST(Page, LoadsNothing) {
    for (const char* forbidden : {"http://", "https://", "src=", "url(", "@import", "<script", "<link", "<iframe",
                                  "<object", "<img", "javascript:"})
        EXPECT_THAT(wholePage(), Not(HasSubstr(forbidden))) << forbidden;
}

TEST(Page, GivesEachIdOnceAndLeadsNowhereElse) {
    const Page parsed(wholePage());
    std::set<std::string> ids;
    for (Poco::XML::Element* element : parsed.all("*"))
        if (element->hasAttribute("id")) {
            EXPECT_TRUE(ids.insert(element->getAttribute("id")).second) << element->getAttribute("id");
        }
    size_t links = 0;
    for (Poco::XML::Element* link : parsed.all("a")) {
        const std::string target = link->getAttribute("href");
        EXPECT_TRUE(target.starts_with("#") && ids.contains(target.substr(1))) << target;
        ++links;
    }
    EXPECT_GE(links, 11u);
}

TEST(Page, NamesEveryDrawingForThoseWhoCannotSeeIt) {
    const Page parsed(wholePage());
    size_t drawings = 0;
    for (Poco::XML::Element* svg : parsed.all("svg")) {
        if (svg->getAttribute("aria-hidden") == "true") continue;
        ++drawings;
        EXPECT_EQ(svg->getAttribute("role"), "img");
        std::string title = svg->getAttribute("aria-labelledby");
        title.resize(title.find(' '));
        EXPECT_FALSE(parsed.textOf(title).empty());
        EXPECT_FALSE(Page::allIn(svg, "desc").front()->innerText().empty());
    }
    EXPECT_GE(drawings, 60u);
    for (Poco::XML::Element* figure : parsed.all("figure"))
        EXPECT_FALSE(Page::allIn(figure, "table").empty())
            << figure->getAttribute("id") << " has its numbers beside it";
}

TEST(Page, EscapesWhatAHostileRunIsCalled) {
    Sample sample = makeSample({"E4"});
    const std::string hostile = "</title></style><script>alert('x')</script>&\x01\xFF\" onload=\"y";
    sample.run.name = sample.run.command = sample.run.version = hostile;
    sample.run.fingerprint = {{hostile, hostile}, {"cpu", hostile}};
    for (Trial& trial : sample.trials) trial.rejected.push_back(hostile);
    for (Cell& cell : sample.cells) cell.config = hostile;
    sample.analysis = analyse(sample.run, sample.cells, sample.trials);
    const std::string text = pageOf(sample);
    EXPECT_THAT(text, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("alert('")), Not(HasSubstr("onload=\""))));
    EXPECT_THAT(std::string(Page(text).all("title").front()->innerText()),
                HasSubstr("<script>alert('x')</script>&"));
}

TEST(Page, LeavesOutWhatWasNotMeasuredAndSaysSo) {
    const Sample sample = makeSample({"E1", "E7"});
    const Page parsed(pageOf(sample));
    EXPECT_NE(parsed.byId("e7"), nullptr);
    for (const char* id : {"e3", "e4", "e5", "e9", "e0-cpu-"}) EXPECT_EQ(parsed.byId(id), nullptr) << id;
    EXPECT_THAT(parsed.textOf("missing"), AllOf(HasSubstr("E3 (Accept filters), E4 (CGI), E5 (The FastCGI hop), "
                                                          "E6 (PHP without the socket), E9 (Mixed content)"),
                                                Not(HasSubstr("E7"))));
    EXPECT_THAT(parsed.textOf("certainty"), AllOf(HasSubstr("no A/A cells"), HasSubstr("`turnpike measure E0`")));
}

TEST(Page, OfARunWithNothingInItIsStillAPage) {
    const Page parsed(page({}, {}));
    EXPECT_THAT(parsed.textOf("findings"), HasSubstr("nothing that a claim could be judged by"));
    EXPECT_THAT(parsed.textOf("machine"),
                AllOf(HasSubstr("no fingerprint"), HasSubstr("No constant was calibrated")));
    EXPECT_TRUE(parsed.all("svg").empty());
}

TEST(Page, OfOneBlockClaimsNoIntervals) {
    const Page parsed(pageOf(makeSample({"E1", "E5"}, 1)));
    EXPECT_EQ(parsed.byId("e5-cpu-one-connection-effects"), nullptr) << "no ratio is known";
    EXPECT_NE(parsed.byId("e5"), nullptr);
}

TEST(Page, IsTheSameEachTime) { EXPECT_EQ(pageOf(makeSample({"E5"})), pageOf(makeSample({"E5"}))); }

}  // namespace
}  // namespace turnpike::measure::report
