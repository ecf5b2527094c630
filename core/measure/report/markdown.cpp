// The report as Markdown, for a README: short, and in one column wide enough for a terminal.
#include "measure/analysis/readable.h"
#include "measure/analysis/text.h"
#include "measure/report/report.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

/// Text that is only text, in a table's cell too.
std::string plain(const std::string& text) {
    std::string out;
    for (char c : readable(text)) {
        if (std::string("\\|`*_<>[]#").find(c) != std::string::npos) out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

/// Between back quotes; nothing in it is markup.
std::string code(const std::string& text) {
    std::string out = readable(text);
    for (char& c : out)
        if (c == '`' || c == '\n') c = ' ';
    return "`" + out + "`";
}

std::string row(const std::vector<std::string>& cells) {
    std::string line = "|";
    for (const std::string& cell : cells) line += " " + cell + " |";
    return line + "\n";
}

std::string verdicts(const Analysis& analysis) {
    std::string text;
    int claim = 0;
    for (const Verdict& verdict : analysis.verdicts) {
        if (verdict.claim != claim)
            text += "\n**Claim " + std::to_string(verdict.claim) + ": " + plain(verdict.claim_text) + "**\n\n";
        claim = verdict.claim;
        text += "- **" + std::string(name(verdict.level)) + "**: " + plain(verdict.sentence) + "\n";
    }
    return text.empty() ? "\nNothing that a claim could be judged by was measured.\n" : text;
}

std::string shortNumber(const Estimate& estimate) {
    if (!estimate.isKnown()) return "–";
    return figure(estimate.value) + " (" + figure(estimate.low) + " to " + figure(estimate.high) + ")";
}

std::string cells(const Analysis& analysis) {
    if (analysis.cells.empty()) return "";
    std::string text =
        "\n### Cells\n\nPer request (E3: per connection), mean over blocks with its 95 % interval.\n\n" +
        row({"cell", "trials", "req/s", "p50 µs", "p99 µs", "CPU µs", "calls"}) +
        row({"---", "---:", "---:", "---:", "---:", "---:", "---:"});
    for (const CellSummary& cell : analysis.cells) {
        text += row({code(cell.cell.key), std::to_string(cell.trials), shortNumber(cell.per_second),
                     shortNumber(cell.p50_us), shortNumber(cell.p99_us), shortNumber(cell.cpu_us),
                     cell.trials == 0 ? "–" : print("%.2f", callsOf(cell))});
    }
    return text;
}

std::string checks(const Analysis& analysis) {
    if (analysis.checks.empty()) return "";
    std::string text = "\n### Validity checks\n\n" + row({"check", "what must hold", "result", "figures"}) +
                       row({"---", "---", "---", "---"});
    for (const Check& check : analysis.checks)
        text += row({plain(check.id), plain(check.what), std::string("**") + name(check.state) + "**",
                     plain(check.detail)});
    return text;
}

std::string machine(const Run& run) {
    std::string text = "\n### Machine\n\n";
    for (const Fact& fact : run.fingerprint) text += "- " + plain(fact.name) + ": " + plain(fact.value) + "\n";
    return text + "\nMeasured " + timeText(run.started_unix_ms) + " with Turnpike " + plain(run.version) +
           "; again: " + code(run.command) + "\n";
}

}  // namespace

std::string markdown(const Analysis& analysis) {
    return "## " + plain(titleOf(analysis.run)) + "\n" + verdicts(analysis) + cells(analysis) + checks(analysis) +
           machine(analysis.run);
}

}  // namespace turnpike::measure::report
