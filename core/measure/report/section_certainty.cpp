// How sure the findings are: the checks, what can be told from chance, and the trials that were rejected.
#include <algorithm>

#include "measure/analysis/text.h"
#include "measure/report/figures.h"
#include "measure/report/markup.h"
#include "measure/report/sections.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

std::string badge(Check::State state) {
    static constexpr const char* kStyles[] = {"badge good", "badge bad", "badge none"};
    static constexpr const char* kSigns[] = {"✓ ", "✗ ", "○ "};
    const auto i = static_cast<size_t>(state);
    return element("span", "class=\"" + std::string(kStyles[i]) + "\"", kSigns[i] + escape(name(state)));
}

std::string checksOf(const Analysis& analysis) {
    if (analysis.checks.empty()) return textElement("p", "No check was made.");
    Table table("Validity checks", {"check", "what must hold", "result", "figures"}, false);
    for (const Check& check : analysis.checks)
        table.add({escape(check.id), escape(check.what), badge(check.state), escape(check.detail)});
    return table.html();
}

std::string chanceOf(const Analysis& analysis) {
    if (!analysis.same.isKnown())
        return textElement(
            "p", "The run has no A/A cells, so nothing tells a difference from chance: no effect is claimed.");
    return textElement(
        "p", "Two cells that are the same differed by a factor of " +
                 print("%.4f (%.4f to %.4f)", analysis.same.value, analysis.same.low, analysis.same.high) +
                 " in CPU time per request. So differences below " + print("%.1f %%", analysis.detectable * 100) +
                 " cannot be seen by this run, and are reported as no evidence.");
}

std::string rejectedOf(const std::vector<Trial>& trials) {
    Table table("Trials that do not count", {"cell", "block", "why"}, false);
    uint64_t count = 0;
    for (const Trial& trial : trials) {
        if (trial.rejected.empty()) continue;
        ++count;
        std::string reasons;
        for (const std::string& reason : trial.rejected) reasons += (reasons.empty() ? "" : "; ") + reason;
        table.add({escape(trial.cell), std::to_string(trial.block + 1), escape(reasons)});
    }
    if (count == 0) return textElement("p", "No trial was rejected.");
    return textElement("p", std::to_string(count) + " of " + countText(trials.size(), "trial") +
                                " were rejected, for reasons that were fixed beforehand; they are in no figure.") +
           folded("The rejected trials", table.html());
}

std::string instrumentOf(const Analysis& analysis) {
    std::string content;
    for (const char* metric : {"cpu", "p50"})
        for (const Figure& figure : lineFigures(analysis, "E0", metric)) content += html(figure);
    if (analysis.pollution)
        content += textElement(
            "p", "An injected call costs " + figure(*analysis.pollution) +
                     " times what a bare one does in a loop; what is above 1 is what it does to caches.");
    for (LoadKind load : {LoadKind::Single, LoadKind::Saturation})
        if (auto figure = effectsFigure(analysis, "E0", "cpu", load)) content += html(*figure);
    if (content.empty())
        return textElement(
            "p", "E0, which checks the instrument itself, was not part of this run: `turnpike measure E0`.");
    return content;
}

}  // namespace

std::string certaintySection(const Analysis& analysis, const std::vector<Trial>& trials) {
    return section("certainty", "How sure that is",
                   checksOf(analysis) + textElement("h3", "What can be told from chance") + chanceOf(analysis) +
                       textElement("h3", "Rejected trials") + rejectedOf(trials) +
                       textElement("h3", "Injected calls, and the ledger's own cost") + instrumentOf(analysis));
}

}  // namespace turnpike::measure::report
