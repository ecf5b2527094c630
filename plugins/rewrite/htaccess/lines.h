// lines.h - an .htaccess file taken apart: directives with their arguments, as Apache reads them. Pure.
#pragma once
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::rewrite::htaccess {

/// Where a directive stands, for messages.
struct Place {
    std::shared_ptr<const std::string> file;
    unsigned line = 0;
    std::string shown() const { return (file ? *file : std::string()) + ":" + std::to_string(line); }
};

/// Something in a file that cannot be obeyed.
struct Mistake : std::runtime_error {
    Mistake(unsigned at, const std::string& why) : std::runtime_error(why), line(at) {}
    unsigned line;
};

struct Line {
    unsigned number;    // of its first line in the file
    std::string name;   // lower case; of a section "<files" or "</files"
    std::string shown;  // as it was written
    std::vector<std::string> arguments;
    std::string rest = {};  // behind the name, as it was written
    std::shared_ptr<const std::string> file = nullptr;

    Place place() const { return {file, number}; }
};

/// Comments and empty lines are left out, lines that end with a backslash are joined. `file` names the file in
/// places. Throws Mistake.
std::vector<Line> readLines(std::string_view content, std::string file = {});

}  // namespace turnpike::rewrite::htaccess
