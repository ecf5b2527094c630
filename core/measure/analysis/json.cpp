#include "measure/analysis/json.h"

#include <sstream>

#include "measure/analysis/readable.h"

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

Object::Ptr json(const Verdict& verdict) {
    Object::Ptr object = jsonObject();
    object->set("claim", verdict.claim);
    object->set("claim_text", verdict.claim_text);
    object->set("content", verdict.content);
    object->set("level", std::string(name(verdict.level)));
    object->set("gain", json(verdict.gain));
    object->set("measured", verdict.measured);
    object->set("sentence", readable(verdict.sentence));
    return object;
}

Object::Ptr json(const Bound& bound) {
    Object::Ptr object = jsonObject();
    object->set("content", bound.content);
    object->set("cell", bound.cell);
    object->set("dynamic_share",
                bound.dynamic_share ? Poco::Dynamic::Var(*bound.dynamic_share) : Poco::Dynamic::Var());
    object->set("kthread", json(bound.kthread));
    object->set("softirq", json(bound.softirq));
    object->set("omniscient", json(bound.omniscient));
    object->set("latency_kthread", json(bound.latency_kthread));
    object->set("latency_softirq", json(bound.latency_softirq));
    object->set("latency_omniscient", json(bound.latency_omniscient));
    object->set("missing", bound.missing);
    return object;
}

Object::Ptr json(const Check& check) {
    Object::Ptr object = jsonObject();
    object->set("id", check.id);
    object->set("what", check.what);
    object->set("state", std::string(name(check.state)));
    object->set("detail", readable(check.detail));
    return object;
}

std::string indented(const Object& object) {
    std::ostringstream out;
    object.stringify(out, 2);
    out << "\n";
    return out.str();
}

}  // namespace turnpike::measure
