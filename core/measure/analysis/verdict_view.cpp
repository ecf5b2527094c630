#include <algorithm>

#include "measure/analysis/json.h"
#include "measure/analysis/text.h"
#include "measure/analysis/view.h"

namespace turnpike::measure {
namespace {

using Poco::JSON::Object;

constexpr size_t kIndent = 14, kCheckIndent = 20;

std::string heading(const Analysis& analysis) {
    const Run& run = analysis.run;
    std::string text = "Run " + std::to_string(run.id) + (run.name.empty() ? "" : " \"" + run.name + "\"") +
                       ", Turnpike " + run.version + ", " + machineOf(run.fingerprint) + "\n";
    if (analysis.same.isKnown())
        text += "Differences of CPU per request from " + print("%.1f", analysis.detectable * 100) +
                " % on can be seen in it (A/A).\n";
    if (analysis.pollution)
        text += print("A call costs %.2f times a bare one in the engine.\n", *analysis.pollution);
    return text;
}

/// Breaks text at blanks into lines of a readable width, all but the first indented.
std::string wrapped(const std::string& text, size_t indent) {
    constexpr size_t kWidth = 110;
    std::string lines;
    size_t column = indent;
    for (size_t from = 0; from < text.size();) {
        size_t blank = std::min(text.find(' ', from), text.size());
        bool is_first = column == indent;
        if (!is_first && column + 1 + blank - from > kWidth) {
            lines += "\n" + std::string(indent, ' ');
            column = indent;
            is_first = true;
        }
        if (!is_first) lines += ' ';
        lines.append(text, from, blank - from);
        column += blank - from + (is_first ? 0 : 1);
        from = blank + 1;
    }
    return lines + "\n";
}

std::string verdictLines(const Verdict& verdict, bool is_first_of_claim) {
    std::string text;
    if (is_first_of_claim) text = print("\nClaim %d: ", verdict.claim) + verdict.claim_text + "\n";
    text += print("  %-11s ", name(verdict.level)) + verdict.content + "\n";
    return text + std::string(kIndent, ' ') + wrapped(verdict.sentence, kIndent);
}

std::string checkLine(const Check& check) {
    return print("  %-12s %-4s ", name(check.state), check.id.c_str()) +
           wrapped(check.what + ": " + check.detail, kCheckIndent);
}

}  // namespace

std::string verdictText(const Analysis& analysis) {
    std::string text = heading(analysis);
    int claim = 0;
    for (const Verdict& verdict : analysis.verdicts) {
        text += verdictLines(verdict, verdict.claim != claim);
        claim = verdict.claim;
    }
    if (analysis.verdicts.empty()) text += "\nNo verdict: no trial of E1, E3, E4, E5, E6, E7 or E9 counts.\n";
    text += "\nChecks\n";
    for (const Check& check : analysis.checks) text += checkLine(check);
    return text;
}

std::string verdictJson(const Analysis& analysis) {
    Object::Ptr object = jsonObject();
    object->set("run", json(analysis.run));
    object->set("supported_below", analysis.thresholds.supported);
    object->set("refuted_above", analysis.thresholds.refuted);
    object->set("same", json(analysis.same));
    object->set("detectable",
                analysis.same.isKnown() ? Poco::Dynamic::Var(analysis.detectable) : Poco::Dynamic::Var());
    object->set("pollution", analysis.pollution ? Poco::Dynamic::Var(*analysis.pollution) : Poco::Dynamic::Var());
    auto convert = [](const auto& item) { return json(item); };
    object->set("verdicts", jsonArray(analysis.verdicts, convert));
    object->set("bounds", jsonArray(analysis.bounds, convert));
    object->set("checks", jsonArray(analysis.checks, convert));
    return indented(*object);
}

}  // namespace turnpike::measure
