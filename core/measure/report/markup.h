// markup.h - HTML that is well-formed XML too. Whatever comes from outside goes through escape(). Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::measure::report {

/// As the text of an element or the value of an attribute, readable().
std::string escape(std::string_view text);

/// <name attributes>content</name>; content is markup already. `attributes`: "class=\"a\"", or empty.
std::string element(std::string_view name, std::string_view attributes, std::string_view content);
/// As element(), without attributes and with text in place of markup.
std::string textElement(std::string_view name, std::string_view text);

/// A table whose cells are markup. The first column heads the rows; `numbers` aligns the others to the right.
class Table {
 public:
    Table(std::string caption, std::vector<std::string> heads, bool numbers);
    void add(std::vector<std::string> cells);
    bool isEmpty() const { return rows_.empty(); }
    /// In a frame that scrolls when the page is narrow.
    std::string html() const;

 private:
    std::string caption_;
    std::vector<std::string> heads_;
    std::string rows_;
    bool numbers_;
};

/// What opens with a click; open in print.
std::string folded(std::string_view summary, std::string_view content);

}  // namespace turnpike::measure::report
