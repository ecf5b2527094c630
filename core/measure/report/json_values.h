// json_values.h - what a report and an exported run say alike in JSON, beside analysis/json.h. Pure.
#pragma once
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <array>
#include <string>

#include "ledger/ledger.h"
#include "measure/store/model.h"

namespace turnpike::measure::report {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;

/// Null when it is none.
Var number(double value);
/// A number for each class of crossings.
Object::Ptr byClass(const std::array<double, ledger::kClasses>& calls);
Object::Ptr object(const Run& run);
Object::Ptr object(const Cell& cell);

}  // namespace turnpike::measure::report
