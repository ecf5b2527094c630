// suggest.h - the name that somebody probably meant. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::config {

/// How many letters must be put in, taken out, exchanged or swapped with their neighbour.
size_t editDistance(std::string_view a, std::string_view b);

/// The candidate nearest to `name`, empty when none is near: a third of its letters may differ, at least one.
std::string_view nearest(std::string_view name, const std::vector<std::string_view>& candidates);

/// ` - did you mean "port"?`, or nothing.
std::string suggestion(std::string_view name, const std::vector<std::string_view>& candidates);

/// "text" in quotation marks, as messages show names and values; long text is cut, control bytes come as \xHH.
std::string quoted(std::string_view text);

}  // namespace turnpike::config
