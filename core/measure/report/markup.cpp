#include "measure/report/markup.h"

#include <cstdint>

namespace turnpike::measure::report {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// How many bytes the character at the front takes; 0 when it is no UTF-8, or none that XML can hold.
size_t characterSize(std::string_view text) {
    auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
    const uint8_t first = byte(0);
    if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' ? 1 : 0;
    size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) return 0;
    uint32_t code = first & (0x7Fu >> size);
    for (size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
        code = code << 6 | (byte(i) & 0x3Fu);
    }
    static constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // shorter forms are not allowed
    const bool is_surrogate = code >= 0xD800 && code < 0xE000;
    const bool is_taken = code >= kLeast[size] && code <= 0x10FFFF && code != 0xFFFE && code != 0xFFFF;
    return is_taken && !is_surrogate ? size : 0;
}

std::string_view entity(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&#39;";
        default:
            return {};
    }
}

}  // namespace

std::string readable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const size_t size = characterSize(text);
        out += size == 0 ? kReplacement : text.substr(0, size);
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return out;
}

std::string escape(std::string_view text) {
    std::string out;
    for (char c : readable(text)) {
        std::string_view named = entity(c);
        out += named.empty() ? std::string_view(&c, 1) : named;
    }
    return out;
}

std::string element(std::string_view name, std::string_view attributes, std::string_view content) {
    std::string out = "<" + std::string(name);
    if (!attributes.empty()) out += " " + std::string(attributes);
    return out + ">" + std::string(content) + "</" + std::string(name) + ">\n";
}

std::string textElement(std::string_view name, std::string_view text) { return element(name, "", escape(text)); }

Table::Table(std::string caption, std::vector<std::string> heads, bool numbers)
    : caption_(std::move(caption)), heads_(std::move(heads)), numbers_(numbers) {}

void Table::add(std::vector<std::string> cells) {
    std::string row;
    for (size_t i = 0; i < cells.size(); ++i)
        row += i == 0 ? element("th", "scope=\"row\"", cells[i]) : element("td", "", cells[i]);
    rows_ += element("tr", "", row);
}

std::string Table::html() const {
    std::string head;
    for (const std::string& name : heads_) head += element("th", "scope=\"col\"", escape(name));
    return element("div", "class=\"scroll\" tabindex=\"0\"",
                   element("table", numbers_ ? "class=\"numbers\"" : "",
                           textElement("caption", caption_) + element("thead", "", element("tr", "", head)) +
                               element("tbody", "", rows_)));
}

std::string folded(std::string_view summary, std::string_view content) {
    return element("details", "", textElement("summary", summary) + std::string(content));
}

}  // namespace turnpike::measure::report
