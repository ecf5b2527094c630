// json_values.h - the values of JSON that a report and an exported run have in common. Strings that are no UTF-8
// come out as UTF-8. Pure.
#pragma once
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <array>
#include <string>

#include "ledger/ledger.h"
#include "measure/stats/estimate.h"
#include "measure/store/model.h"

namespace turnpike::measure::report {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;

/// Keeps its keys in the order in which they were set.
Object::Ptr make();
/// {"value", "low", "high", "blocks"}; null when it is not known.
Var value(const Estimate& estimate);
/// Null when it is none.
Var number(double value);
/// A number for each class of crossings.
Object::Ptr byClass(const std::array<double, ledger::kClasses>& calls);
Object::Ptr object(const Run& run);
Object::Ptr object(const Cell& cell);
/// With an end of line.
std::string text(const Object::Ptr& object);

template <class Items, class Convert>
Array::Ptr list(const Items& items, Convert&& convert) {
    Array::Ptr to = new Array;
    for (const auto& item : items) to->add(convert(item));
    return to;
}

}  // namespace turnpike::measure::report
