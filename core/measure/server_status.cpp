#include "measure/server_status.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

namespace turnpike::measure {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

/// Throws Poco::Exception when there is none.
Object::Ptr member(const Object& object, const std::string& name) {
    Object::Ptr found = object.getObject(name);
    if (found.isNull()) throw Poco::NotFoundException(name);
    return found;
}

ledger::Account readAccount(const Object& crossings) {
    ledger::Account account;
    for (size_t i = 0; i < ledger::kClasses; ++i) {
        Object::Ptr of = member(crossings, ledger::name(static_cast<ledger::Class>(i)));
        account.of[i].calls = of->getValue<Poco::UInt64>("calls");
        account.of[i].errors = of->getValue<Poco::UInt64>("errors");
        account.of[i].bytes = of->getValue<Poco::UInt64>("bytes");
    }
    return account;
}

ServerStatus readStatus(const Object& object) {
    ServerStatus status;
    status.version = object.getValue<std::string>("version");
    status.master = object.getValue<int>("pid");
    if (Array::Ptr listen = object.getArray("listen"))
        for (const auto& address : *listen) status.listen.push_back(address.convert<std::string>());
    Object::Ptr totals = member(object, "totals");
    Object::Ptr counters = member(*totals, "counters");
    status.requests = counters->getValue<Poco::UInt64>("requests");
    status.accepted = counters->getValue<Poco::UInt64>("connections_accepted");
    status.open = counters->getValue<Poco::UInt64>("connections");
    status.crossings = readAccount(*member(*totals, "crossings"));
    status.children_us = member(object, "children")->getValue<Poco::UInt64>("cpu_us");
    return status;
}

}  // namespace

Result<ServerStatus> parseStatus(const std::string& json) {
    try {
        Poco::JSON::Parser parser;
        return readStatus(*parser.parse(json).extract<Object::Ptr>());
    } catch (const Poco::Exception& error) {
        return Error{EPROTO, "the server's status cannot be understood: " + error.displayText()};
    }
}

}  // namespace turnpike::measure
