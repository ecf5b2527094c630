// types.h - which media types are worth compressing. Pure; any thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::compress {

class Types {
 public:
    /// "text/html", or with one '*': "text/*", "application/*+json". False: it is no media type.
    bool add(std::string_view pattern);
    /// `content_type`: a field's value, with or without parameters.
    bool has(std::string_view content_type) const;

 private:
    struct Pattern {
        std::string before, after;
        bool is_open;  // anything may stand between the two
    };
    std::vector<Pattern> patterns_;
};

}  // namespace turnpike::compress
