// csv.h - tables as RFC 4180 wants them, but for the ends of lines, which are LF. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "measure/stats/estimate.h"

namespace turnpike::measure::report {

class Csv {
 public:
    /// Begins a line.
    void begin();
    /// A field; in quotes when it needs them. One that a spreadsheet would take for a formula gets a ' before it.
    void add(const std::string& text);
    void add(double value);
    void addWhole(uint64_t value);
    /// Empty when absent.
    void addWhole(const std::optional<uint64_t>& value);
    /// Value, low and high: three fields, all empty when it is not known.
    void add(const Estimate& estimate);

    const std::string& text() const { return text_; }

 private:
    void field(const std::string& ready);

    std::string text_;
    bool is_first_ = true;
};

}  // namespace turnpike::measure::report
