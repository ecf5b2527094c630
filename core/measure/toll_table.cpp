#include "measure/toll_table.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <sstream>

#include "base/print.h"

namespace turnpike::measure {
namespace {

using ledger::Class;
using Poco::JSON::Array;
using Poco::JSON::Object;

// What a page pays for itself; listening and logging are put together as "other".
constexpr Class kColumns[] = {Class::Client, Class::Backend, Class::File, Class::Event, Class::Spawn};

double calls(const TollRow& row, Class c) { return row.calls[static_cast<size_t>(c)]; }

std::string orDash(const std::optional<double>& value) { return value ? print("%9.1f", *value) : "        -"; }

std::string heading(int width) {
    return print("%-*s %8s %8s %8s  %38s %8s %18s\n", width, "", "", "latency", "ms", "crossings per request", "",
                 "CPU us/request") +
           print("%-*s %8s %8s %8s  %6s %7s %5s %5s %5s %5s %6s %8s %9s %8s\n", width, "page", "req/s", "p50",
                 "p99", "client", "backend", "file", "event", "spawn", "other", "all", "bytes", "engine",
                 "backend");
}

std::string line(const TollRow& row, int width) {
    std::string text = print("%-*s ", width, row.page.name.c_str());
    if (!row.failure.empty()) return text + " failed: " + row.failure + "\n";
    text += print("%8.0f %8.3f %8.3f  ", row.requests_per_second, row.p50_ms, row.p99_ms);
    text += print("%6.2f %7.2f %5.2f %5.2f %5.2f ", calls(row, Class::Client), calls(row, Class::Backend),
                  calls(row, Class::File), calls(row, Class::Event), calls(row, Class::Spawn));
    text += print("%5.2f %6.2f ", calls(row, Class::Listen) + calls(row, Class::Log), row.allCalls());
    return text + print("%8.0f ", row.bytes) + orDash(row.engine_us) + orDash(row.backend_us) + "\n";
}

Poco::Dynamic::Var orNull(const std::optional<double>& value) {
    return value ? Poco::Dynamic::Var(*value) : Poco::Dynamic::Var();
}

Object::Ptr object(const TollRow& row) {
    Object::Ptr to = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    to->set("page", row.page.name);
    to->set("path", row.page.path);
    if (!row.failure.empty()) {
        to->set("failure", row.failure);
        return to;
    }
    to->set("requests", static_cast<Poco::UInt64>(row.requests));
    to->set("requests_per_second", row.requests_per_second);
    to->set("p50_ms", row.p50_ms);
    to->set("p99_ms", row.p99_ms);
    Object::Ptr crossings = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    for (size_t i = 0; i < ledger::kClasses; ++i)
        crossings->set(ledger::name(static_cast<Class>(i)), row.calls[i]);
    to->set("crossings_per_request", crossings);
    to->set("bytes_per_request", row.bytes);
    to->set("engine_us_per_request", orNull(row.engine_us));
    to->set("backend_us_per_request", orNull(row.backend_us));
    Array::Ptr notes = new Array;
    for (const std::string& note : row.notes) notes->add(note);
    to->set("notes", notes);
    return to;
}

}  // namespace

std::string tollTable(const std::vector<TollRow>& rows) {
    int width = 4;
    for (const TollRow& row : rows) width = std::max(width, static_cast<int>(row.page.name.size()));
    std::string text = heading(width);
    for (const TollRow& row : rows) text += line(row, width);
    text +=
        "\nCrossings are system calls of the workers, by what they were for; other: accepting and logging. Bytes: "
        "what\n"
        "those calls moved. Engine: CPU of master, workers and spawner; backend: of the programs they started.\n";
    for (const TollRow& row : rows)
        for (const std::string& note : row.notes) text += "note: " + row.page.name + ": " + note + "\n";
    return text;
}

std::string tollJson(const std::vector<TollRow>& rows) {
    Array array;
    for (const TollRow& row : rows) array.add(object(row));
    std::ostringstream out;
    array.stringify(out, 2);
    out << "\n";
    return out.str();
}

}  // namespace turnpike::measure
