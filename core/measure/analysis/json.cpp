#include "measure/analysis/json.h"

#include <sstream>

namespace turnpike::measure {

using Poco::JSON::Object;

Object::Ptr jsonObject() { return new Object(Poco::JSON_PRESERVE_KEY_ORDER); }

Poco::Dynamic::Var json(const Estimate& estimate) {
    if (!estimate.isKnown()) return {};
    Object::Ptr object = jsonObject();
    object->set("value", estimate.value);
    object->set("low", estimate.low);
    object->set("high", estimate.high);
    object->set("blocks", static_cast<Poco::UInt64>(estimate.n));
    return object;
}

Object::Ptr json(const Run& run) {
    Object::Ptr object = jsonObject();
    object->set("id", run.id);
    object->set("name", run.name);
    object->set("version", run.version);
    object->set("started_unix_ms", run.started_unix_ms);
    object->set("blocks", run.blocks);
    Object::Ptr machine = jsonObject();
    for (const Fact& fact : run.fingerprint) machine->set(fact.name, fact.value);
    object->set("machine", machine);
    return object;
}

std::string indented(const Object& object) {
    std::ostringstream out;
    object.stringify(out, 2);
    out << "\n";
    return out.str();
}

}  // namespace turnpike::measure
