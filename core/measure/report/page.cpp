#include <algorithm>

#include "measure/analysis/text.h"
#include "measure/report/markup.h"
#include "measure/report/report.h"
#include "measure/report/sections.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

std::string fact(const std::string& value, const std::string& what) {
    return element("li", "", textElement("b", value) + escape(what));
}

std::string factsOf(const Analysis& analysis) {
    using State = Check::State;
    auto checks = [&](State state) {
        return std::count_if(analysis.checks.begin(), analysis.checks.end(),
                             [&](const Check& check) { return check.state == state; });
    };
    uint64_t trials = 0, rejected = 0;
    for (const CellSummary& cell : analysis.cells) {
        trials += cell.trials;
        rejected += cell.rejected;
    }
    const auto failed = checks(State::Fail);
    std::string items = fact(failed == 0 ? "none failed" : std::to_string(failed) + " failed",
                             "of " + std::to_string(failed + checks(State::Pass)) + " validity checks that apply");
    items += fact(analysis.same.isKnown() ? print("%.1f %%", analysis.detectable * 100) : "unknown",
                  "smallest difference that can be told from chance");
    items += fact(std::to_string(trials), "trials of " + countText(analysis.cells.size(), "cell") + " in " +
                                              countText(analysis.run.blocks, "block"));
    items += fact(std::to_string(rejected), "trials rejected");
    return element("ul", "class=\"facts\"", items);
}

std::string navigation(const Analysis& analysis) {
    auto entry = [](const std::string& id, const std::string& text) {
        return element("li", "", element("a", "href=\"#" + id + "\"", escape(text)));
    };
    std::string items = entry("findings", "What was found") + entry("certainty", "How sure that is");
    for (const Experiment& experiment : kExperiments) {
        const bool is_there =
            std::any_of(analysis.cells.begin(), analysis.cells.end(),
                        [&](const CellSummary& cell) { return cell.cell.experiment == experiment.id; });
        if (is_there) items += entry(slug(experiment.id), experiment.title);
    }
    items += entry("machine", "The machine") + entry("repeat", "How to repeat it") +
             entry("method", "How to read this");
    return element("nav", "aria-label=\"Sections\"", element("ul", "", items));
}

std::string spanOf(const Run& run) {
    std::string text = "Measured " + timeText(run.started_unix_ms);
    if (run.ended_unix_ms == 0) return text + ", not finished: what is here is what there was";
    return text + ", in " +
           print("%.1f minutes", static_cast<double>(run.ended_unix_ms - run.started_unix_ms) / 60e3);
}

}  // namespace

std::string section(const std::string& id, const std::string& title, const std::string& content) {
    return element("section", "id=\"" + id + "\"", textElement("h2", title) + content);
}

std::string headSection(const Analysis& analysis) {
    const Run& run = analysis.run;
    return element("header", "",
                   element("p", "class=\"above\"", escape(titleOf(run))) +
                       textElement("h1", "What crossing into the kernel costs here") +
                       element("p", "class=\"muted\"",
                               escape(spanOf(run) + ", by Turnpike " + run.version + ", on " +
                                      machineOf(run.fingerprint) + ".")) +
                       factsOf(analysis) + navigation(analysis));
}

std::string page(const Analysis& analysis, const std::vector<Trial>& trials) {
    const std::string head =
        "<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n" +
        textElement("title", titleOf(analysis.run)) + element("style", "", styleSheet());
    const std::string main = findingsSection(analysis) + certaintySection(analysis, trials) +
                             experimentSections(analysis, trials) + machineSection(analysis) +
                             repeatSection(analysis) + methodSection(analysis);
    const std::string footer =
        textElement("p", "Made by Turnpike " + analysis.run.version + " from run " +
                             std::to_string(analysis.run.id) + ". This page loads nothing.");
    return "<!DOCTYPE html>\n" +
           element("html", "lang=\"en\"",
                   element("head", "", head) +
                       element("body", "",
                               headSection(analysis) + element("main", "", main) + element("footer", "", footer)));
}

}  // namespace turnpike::measure::report
