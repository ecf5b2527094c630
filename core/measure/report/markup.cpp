#include "measure/report/markup.h"

#include "measure/analysis/readable.h"

namespace turnpike::measure::report {
namespace {

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
