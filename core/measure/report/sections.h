// sections.h - the parts of the page, from the top down; markup. Pure.
#pragma once
#include <string>
#include <vector>

#include "measure/analysis/analysis.h"

namespace turnpike::measure::report {

/// <section id="..."> with a heading.
std::string section(const std::string& id, const std::string& title, const std::string& content);

std::string headSection(const Analysis& analysis);
std::string findingsSection(const Analysis& analysis);
std::string certaintySection(const Analysis& analysis, const std::vector<Trial>& trials);
/// One section for each experiment of the run, and a sentence that names those that were left out.
std::string experimentSections(const Analysis& analysis, const std::vector<Trial>& trials);
std::string machineSection(const Analysis& analysis);
std::string repeatSection(const Analysis& analysis);
std::string methodSection(const Analysis& analysis);

/// Of the page; no colour is written anywhere else.
const char* styleSheet();

}  // namespace turnpike::measure::report
