// output.h - where a verb's result goes: to a file that is there whole or not at all, or to standard output.
#pragma once
#include <string>

namespace CLI {
class App;
}

namespace turnpike::cli {

/// `-o FILE`; empty: standard output. `file` must live as long as `verb`.
void addOutputOption(CLI::App& verb, std::string* file);

/// Writes `text`, and returns the exit status; a failure is told on standard error. An older file is replaced when
/// the new one is complete.
int put(const std::string& text, const std::string& file);

}  // namespace turnpike::cli
