// The top of the page: what was found.
#include <algorithm>
#include <map>

#include "measure/analysis/text.h"
#include "measure/report/figures.h"
#include "measure/report/markup.h"
#include "measure/report/sections.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

using Level = Verdict::Level;

/// The worst for the claim first: that is what a reader must not miss.
size_t rank(Level level) {
    switch (level) {
        case Level::Refuted:
            return 0;
        case Level::Material:
            return 1;
        case Level::Supported:
            return 2;
        case Level::NoEvidence:
            return 3;
    }
    return 4;
}

std::string badge(Level level) {
    static constexpr const char* kStyles[] = {"badge bad", "badge fair", "badge good", "badge none"};
    static constexpr const char* kSigns[] = {"✗ ", "◆ ", "✓ ", "○ "};
    return element("span", "class=\"" + std::string(kStyles[rank(level)]) + "\"",
                   kSigns[rank(level)] + escape(name(level)));
}

/// The sentence without the machine that it ends with when it stands alone: the page has said that.
std::string shortSentence(const Verdict& verdict, const std::string& machine) {
    return verdict.sentence.substr(0, verdict.sentence.find(" (" + machine));
}

std::string findingOf(const Verdict& verdict, const std::string& machine) {
    std::string text = textElement("p", shortSentence(verdict, machine));
    if (verdict.gain.isKnown())
        text += element("p", "class=\"how\"",
                        escape("Judged by: " + verdict.measured + ", " + factorOfChange(verdict.gain) + "."));
    return element("li", "", badge(verdict.level) + element("div", "", text));
}

std::string listOf(std::vector<const Verdict*> verdicts, const std::string& machine) {
    std::stable_sort(verdicts.begin(), verdicts.end(),
                     [](const auto* a, const auto* b) { return rank(a->level) < rank(b->level); });
    constexpr size_t kShown = 4;
    std::string shown, rest;
    for (size_t i = 0; i < verdicts.size(); ++i) (i < kShown ? shown : rest) += findingOf(*verdicts[i], machine);
    auto list = [](const std::string& items) { return element("ul", "class=\"findings\"", items); };
    if (rest.empty()) return list(shown);
    return list(shown) + folded(countText(verdicts.size() - kShown, "more finding"), list(rest));
}

/// "2 supported, 1 material"
std::string tallyOf(const std::vector<const Verdict*>& verdicts) {
    std::string text;
    for (Level level : {Level::Refuted, Level::Material, Level::Supported, Level::NoEvidence}) {
        auto count =
            std::count_if(verdicts.begin(), verdicts.end(), [&](const auto* v) { return v->level == level; });
        if (count != 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + name(level);
    }
    return text;
}

std::string figuresOf(const Analysis& analysis) {
    std::string content;
    for (const Figure& figure : mixBoundFigures(analysis)) content += html(figure);
    if (auto figure = sharesFigure(analysis)) content += html(*figure);
    return content;
}

}  // namespace

std::string findingsSection(const Analysis& analysis) {
    std::map<int, std::vector<const Verdict*>> claims;
    for (const Verdict& verdict : analysis.verdicts) claims[verdict.claim].push_back(&verdict);
    std::string content;
    if (claims.empty())
        content += textElement("p",
                               "This run has nothing that a claim could be judged by: `turnpike measure --quick` "
                               "measures what all four need.");
    for (const auto& [claim, verdicts] : claims)
        content +=
            element("h3", "", "Claim " + std::to_string(claim) + ": " + escape(verdicts.front()->claim_text)) +
            element("p", "class=\"muted\"", tallyOf(verdicts)) +
            listOf(verdicts, machineOf(analysis.run.fingerprint));
    return section("findings", "What was found", content + figuresOf(analysis));
}

}  // namespace turnpike::measure::report
