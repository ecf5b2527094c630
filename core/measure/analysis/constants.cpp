#include "measure/analysis/constants.h"

namespace turnpike::measure {

Price operator+(const Price& a, const Price& b) { return {a.value + b.value, a.low + b.low, a.high + b.high}; }

Price operator-(const Price& a, const Price& b) { return {a.value - b.value, a.low - b.high, a.high - b.low}; }

Price operator*(double count, const Price& price) {
    return {count * price.value, count * price.low, count * price.high};
}

std::optional<Price> Constants::find(const std::string& name) const {
    constexpr double kUsPerNs = 1e-3;
    for (const Constant& constant : *all_)
        if (constant.name == name)
            return Price{constant.median * kUsPerNs, constant.low * kUsPerNs, constant.high * kUsPerNs};
    return std::nullopt;
}

std::string Constants::missing(const std::vector<std::string>& names) const {
    std::string list;
    for (const std::string& name : names)
        if (!find(name)) list += (list.empty() ? "" : ", ") + name;
    return list;
}

}  // namespace turnpike::measure
