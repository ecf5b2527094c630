// csv_reader.h - reads RFC 4180, for tests.
#pragma once
#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace turnpike::measure::report {

using CsvLines = std::vector<std::vector<std::string>>;

inline CsvLines readCsv(const std::string& text) {
    CsvLines lines = {{""}};
    bool is_quoted = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        std::string& field = lines.back().back();
        if (is_quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            field += '"';
            ++i;
        } else if (c == '"') {
            is_quoted = !is_quoted;
        } else if (!is_quoted && c == ',') {
            lines.back().emplace_back();
        } else if (!is_quoted && c == '\n') {
            if (i + 1 < text.size()) lines.push_back({""});
        } else {
            field += c;
        }
    }
    return lines;
}

/// The place of a column, by its name in the first line.
inline size_t columnOf(const CsvLines& lines, const std::string& name) {
    auto found = std::find(lines.front().begin(), lines.front().end(), name);
    if (found == lines.front().end()) throw std::out_of_range("no column " + name);
    return static_cast<size_t>(found - lines.front().begin());
}

}  // namespace turnpike::measure::report
