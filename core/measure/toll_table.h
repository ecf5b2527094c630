// toll_table.h - the toll as people and as programs read it. Pure.
#pragma once
#include <string>
#include <vector>

#include "measure/toll.h"

namespace turnpike::measure {

/// One line a page, then what the columns mean and the notes. "-" stands for what could not be measured.
std::string tollTable(const std::vector<TollRow>& rows);
/// An array of objects; what could not be measured is null.
std::string tollJson(const std::vector<TollRow>& rows);

}  // namespace turnpike::measure
