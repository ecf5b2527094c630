#include "lines.h"
#include "sdk/support/lists.h"

#include <algorithm>
#include <optional>

namespace turnpike::rewrite::htaccess {
namespace {

constexpr std::string_view kSpace = " \t\r\v\f";
constexpr size_t kMostLines = 10'000;

std::string_view trimmed(std::string_view given) {
    const size_t begin = given.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return given.substr(begin, given.find_last_not_of(kSpace) - begin + 1);
}

/// Takes a word off `rest`. In quotes it may hold spaces; a backslash stands before a quote or a backslash.
std::string takeWord(std::string_view& rest, unsigned line) {
    const char quote = rest.front() == '"' || rest.front() == '\'' ? rest.front() : '\0';
    size_t at = quote != '\0' ? 1 : 0;
    std::string word;
    for (; at < rest.size(); ++at) {
        const char c = rest[at];
        if (quote != '\0' ? c == quote : kSpace.find(c) != std::string_view::npos) break;
        const bool is_escape = c == '\\' && at + 1 < rest.size() &&
                               (rest[at + 1] == '\\' || (quote != '\0' && rest[at + 1] == quote));
        word += is_escape ? rest[++at] : c;
    }
    if (quote != '\0' && at == rest.size()) throw Mistake(line, "a quote is not closed");
    rest = trimmed(rest.substr(std::min(at + (quote != '\0' ? 1 : 0), rest.size())));
    return word;
}

/// As mod_rewrite has it: nothing is unescaped, since patterns have backslashes of their own; behind one a space
/// is part of the word.
std::string takeRawWord(std::string_view& rest, unsigned line) {
    const char quote = rest.front() == '"' || rest.front() == '\'' ? rest.front() : '\0';
    const size_t begin = quote != '\0' ? 1 : 0;
    size_t at = begin;
    for (; at < rest.size(); ++at) {
        const bool is_space = kSpace.find(rest[at]) != std::string_view::npos;
        if (quote != '\0' ? rest[at] == quote : is_space) break;
        if (rest[at] == '\\' && at + 1 < rest.size() && kSpace.find(rest[at + 1]) != std::string_view::npos) ++at;
    }
    if (quote != '\0' && at >= rest.size()) throw Mistake(line, "a quote is not closed");
    std::string word(rest.substr(begin, at - begin));
    rest = trimmed(rest.substr(std::min(at + begin, rest.size())));
    return word;
}

std::optional<Line> readLine(std::string_view text, unsigned number) {
    text = trimmed(text);
    if (text.empty() || text.front() == '#') return std::nullopt;
    if (text.find('\0') != std::string_view::npos) throw Mistake(number, "a NUL byte");
    if (text.front() == '<') {
        if (text.back() != '>') throw Mistake(number, "a section is not closed with \">\"");
        text = trimmed(text.substr(0, text.size() - 1));
    }
    Line line{number, {}, takeWord(text, number), {}};
    line.rest = text;
    line.name = support::lowered(line.shown);
    const bool is_raw = line.name == "rewriterule" || line.name == "rewritecond";
    while (!text.empty()) {
        // mod_rewrite reads three words and nothing behind them.
        if (is_raw && line.arguments.size() == 3 && text.front() == '#') break;
        line.arguments.push_back(is_raw ? takeRawWord(text, number) : takeWord(text, number));
    }
    return line;
}

}  // namespace

std::vector<Line> readLines(std::string_view content, std::string file) {
    const auto shared_file = std::make_shared<const std::string>(std::move(file));
    std::vector<Line> lines;
    std::string joined;
    unsigned number = 0, first = 0;
    while (!content.empty()) {
        std::string_view piece = content.substr(0, content.find('\n'));
        content.remove_prefix(std::min(piece.size() + 1, content.size()));
        ++number;
        if (joined.empty()) first = number;
        if (piece.ends_with('\r')) piece.remove_suffix(1);
        const bool goes_on = piece.ends_with('\\') && !content.empty();
        if (goes_on) piece.remove_suffix(1);
        joined += piece;
        if (goes_on) continue;
        if (auto line = readLine(joined, first)) {
            line->file = shared_file;
            lines.push_back(std::move(*line));
        }
        if (lines.size() > kMostLines) throw Mistake(number, "the file has too many directives");
        joined.clear();
    }
    return lines;
}

}  // namespace turnpike::rewrite::htaccess
