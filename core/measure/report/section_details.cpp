// The end of the page: machine, constants, how to repeat it, how to read it.
#include <set>

#include "measure/analysis/text.h"
#include "measure/report/markup.h"
#include "measure/report/sections.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

std::string constantsOf(const Run& run) {
    if (run.constants.empty())
        return textElement(
            "p", "No constant was calibrated, so nothing that rests on them is estimated: `turnpike calibrate`.");
    Table table("Constants of this machine: medians of interleaved batches",
                {"constant", "median", "quartiles", "least", "unit", "batches"}, true);
    for (const Constant& c : run.constants)
        table.add({escape(c.name), figure(c.median), figure(c.low) + " to " + figure(c.high), figure(c.least),
                   escape(c.unit), std::to_string(c.batches)});
    return table.html();
}

std::string factsOf(const Run& run) {
    if (run.fingerprint.empty()) return textElement("p", "The run has no fingerprint of its machine.");
    Table table("Fingerprint", {"what", "value"}, false);
    for (const Fact& fact : run.fingerprint) table.add({escape(fact.name), escape(fact.value)});
    return table.html();
}

std::string configsOf(const Analysis& analysis) {
    std::string commands;
    std::set<std::string> seen;
    for (const CellSummary& cell : analysis.cells)
        if (!cell.cell.config.empty() && seen.insert(cell.cell.config).second)
            commands += "turnpike measure --show-config " + cell.cell.config + "\n";
    if (commands.empty()) return "";
    return folded("The configuration of each cell, to print and to start by hand",
                  element("pre", "", escape(commands)));
}

}  // namespace

std::string machineSection(const Analysis& analysis) {
    return section("machine", "The machine", factsOf(analysis.run) + constantsOf(analysis.run));
}

std::string repeatSection(const Analysis& analysis) {
    const std::string id = std::to_string(analysis.run.id);
    return section(
        "repeat", "How to repeat it",
        textElement("p", "The order of trials comes from the seed " + std::to_string(analysis.run.seed) +
                             ", so this does the same in the same order:") +
            element("pre", "", escape(analysis.run.command + "\n")) +
            textElement("p", "On the machine that holds the run, its raw data and this page:") +
            element("pre", "",
                    escape("turnpike runs export " + id + " --format json\nturnpike report " + id +
                           " -o report.html\n")) +
            configsOf(analysis));
}

std::string methodSection(const Analysis& analysis) {
    const auto percent = [](double share) { return print("%.0f %%", share * 100); };
    const std::string verdicts =
        "A claim is supported for a content when the whole interval of the gain lies below " +
        percent(analysis.thresholds.supported) + ", refuted when it lies above " +
        percent(analysis.thresholds.refuted) + ", and otherwise the gain is material.";
    static constexpr const char* kNotes[] = {
        "A trial is a steady window of one cell; a block is one trial of every cell in random order. Intervals "
        "(95 %) are "
        "over blocks, since requests of one trial resemble each other.",
        "Ratios are paired block by block. What is below the smallest difference that the A/A cells allow is no "
        "evidence.",
        "Counts are exact and come from the server's ledger. Trap, copy and wake are those counts times "
        "calibrated costs: "
        "estimates, and marked as such.",
        "No time here was taken while something traced the server.",
        "Load and server share one machine and the loopback: there is no network card and no interrupt cost, and "
        "the two "
        "compete for processors. A bound is what could be saved at most; it is no built server."};
    std::string items = textElement("li", verdicts);
    for (const char* note : kNotes) items += textElement("li", note);
    return section("method", "How to read this", element("ul", "class=\"plain\"", items));
}

}  // namespace turnpike::measure::report
