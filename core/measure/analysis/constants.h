// constants.h - what things cost on this machine, as calibration found it. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "measure/store/model.h"

namespace turnpike::measure {

/// A cost in microseconds, with the quartiles of the calibration's batches: wider than a confidence interval of
/// the median, on purpose, since the probe is not the server.
struct Price {
    double value = 0, low = 0, high = 0;
};
Price operator+(const Price& a, const Price& b);
Price operator-(const Price& a, const Price& b);
Price operator*(double count, const Price& price);

class Constants {
 public:
    explicit Constants(const std::vector<Constant>& all) : all_(&all) {}

    /// Absent when it was not calibrated. Per KiB where the constant is.
    std::optional<Price> find(const std::string& name) const;
    /// Those of `names` that were not calibrated, as "a, b"; empty when all were.
    std::string missing(const std::vector<std::string>& names) const;

 private:
    const std::vector<Constant>* all_;
};

}  // namespace turnpike::measure
