// heads.h - request heads to try parsers with: those that must be refused, with the status, and good ones.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::http {

struct BadHead {
    unsigned status;
    std::string input;
};

const std::vector<BadHead>& badHeads();
const std::vector<std::string>& goodHeads();

}  // namespace turnpike::http
