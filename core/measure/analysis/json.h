// json.h - what an analysis holds, in JSON; for analysis/ and report/.
#pragma once
#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <string>

#include "measure/analysis/analysis.h"
#include "measure/stats/estimate.h"
#include "measure/store/model.h"

namespace turnpike::measure {

Poco::JSON::Object::Ptr jsonObject();  // that keeps its keys in order
/// Null when it is not known.
Poco::Dynamic::Var json(const Estimate& estimate);
Poco::JSON::Object::Ptr json(const Run& run);
Poco::JSON::Object::Ptr json(const Verdict& verdict);
Poco::JSON::Object::Ptr json(const Bound& bound);
Poco::JSON::Object::Ptr json(const Check& check);
std::string indented(const Poco::JSON::Object& object);

/// An array of what `convert` makes of each item.
template <class Items, class Convert>
Poco::JSON::Array::Ptr jsonArray(const Items& items, Convert convert) {
    Poco::JSON::Array::Ptr array = new Poco::JSON::Array;
    for (const auto& item : items) array->add(convert(item));
    return array;
}

}  // namespace turnpike::measure
