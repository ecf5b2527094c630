#include "config/suggest.h"

#include <algorithm>

namespace turnpike::config {

size_t editDistance(std::string_view a, std::string_view b) {
    // Three rows of the Damerau-Levenshtein matrix; a swap looks two rows back.
    std::vector<size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) above[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            size_t exchanged = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({exchanged, above[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

std::string_view nearest(std::string_view name, const std::vector<std::string_view>& candidates) {
    constexpr size_t kLongest = 64;  // nobody's typing error is longer
    if (name.size() > kLongest) return {};
    size_t best = std::max<size_t>(name.size() / 3, 1) + 1;
    std::string_view found;
    for (std::string_view candidate : candidates) {
        size_t distance = editDistance(name, candidate);
        if (distance >= best || distance >= candidate.size()) continue;
        best = distance;
        found = candidate;
    }
    return found;
}

std::string suggestion(std::string_view name, const std::vector<std::string_view>& candidates) {
    std::string_view found = nearest(name, candidates);
    return found.empty() ? std::string() : " - did you mean " + quoted(found) + "?";
}

std::string quoted(std::string_view text) {
    constexpr size_t kLongest = 120;
    constexpr char kHex[] = "0123456789ABCDEF";
    std::string to = "\"";
    for (char c : text.substr(0, kLongest)) {
        auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) {
            to += c;
        } else {
            to += "\\x";
            to += kHex[byte >> 4];
            to += kHex[byte & 15];
        }
    }
    if (text.size() > kLongest) to += "...";
    return to + "\"";
}

}  // namespace turnpike::config
