#include "measure/calibrate/report.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <sstream>

#include "base/print.h"

namespace turnpike::measure {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

struct Meaning {
    const char *name, *text;
};
constexpr Meaning kMeanings[] = {
    {"null_syscall", "into the kernel and back (getppid)"},
    {"clock_gettime", "a clock that is read without a crossing"},
    {"thread_cputime", "a clock that needs one"},
    {"rusage_thread", "getrusage of a thread"},
    {"pipe_write_read", "a byte into a pipe and out again, no switch"},
    {"unix_write_read", "the same through a unix socket"},
    {"tcp_write_read", "the same through TCP on loopback"},
    {"page_fault", "the first touch of a page"},
    {"unix_round_trip_same_cpu", "a byte to another process and back"},
    {"tcp_round_trip_same_cpu", "the same over TCP"},
    {"unix_round_trip_cross_cpu", "to a process on another processor and back"},
    {"tcp_round_trip_cross_cpu", "the same over TCP"},
    {"copy_per_kib_unix", "what a KiB more costs on one way"},
    {"copy_per_kib_tcp", "the same over TCP"},
    {"wake_same_cpu", "until a sleeper runs that was woken"},
    {"wake_cross_cpu", "the same on another processor, which was idle"},
    {"spawn_dynamic", "start an empty program and wait for its end"},
    {"spawn_static", "the same, linked statically"},
    {"spawn_php_cgi", "php-cgi with an empty script and no php.ini"},
    {"connect_unix", "connect, accept, close"},
    {"connect_tcp", "the same over TCP on loopback"},
    {"connect_mariadb", "connect, log in, say goodbye"},
};

const char* meaningOf(const std::string& name) {
    for (const Meaning& meaning : kMeanings)
        if (name == meaning.name) return meaning.text;
    return "";
}

std::string line(const Constant& c) {
    return print("%-26s %12.1f %12.1f %12.1f %12.1f  %-6s ", c.name.c_str(), c.median, c.low, c.high, c.least,
                 c.unit.c_str()) +
           " " + meaningOf(c.name) + "\n";
}

Object::Ptr object(const Constant& c) {
    Object::Ptr to = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    to->set("name", c.name);
    to->set("unit", c.unit);
    to->set("median", c.median);
    to->set("low", c.low);
    to->set("high", c.high);
    to->set("least", c.least);
    to->set("batches", c.batches);
    return to;
}

}  // namespace

std::string calibrationTable(const Calibration& calibration) {
    std::string text = print("%-26s %12s %12s %12s %12s\n", "", "median", "quartile", "quartile", "least");
    unsigned batches = 0;
    for (const Constant& c : calibration.constants) {
        text += line(c);
        batches = std::max(batches, c.batches);
    }
    text += "\nMedians of " + std::to_string(batches) + " batches that took turns.\n";
    for (const std::string& note : calibration.notes) text += "note: " + note + "\n";
    text += "\n";
    for (const Fact& fact : calibration.fingerprint)
        text += print("%-16s ", fact.name.c_str()) + fact.value + "\n";
    return text;
}

std::string calibrationJson(const Calibration& calibration) {
    Object::Ptr facts = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    for (const Fact& fact : calibration.fingerprint) facts->set(fact.name, fact.value);
    Array::Ptr constants = new Array, notes = new Array;
    for (const Constant& constant : calibration.constants) constants->add(object(constant));
    for (const std::string& note : calibration.notes) notes->add(note);
    Object to(Poco::JSON_PRESERVE_KEY_ORDER);
    to.set("fingerprint", facts);
    to.set("constants", constants);
    to.set("notes", notes);
    std::ostringstream out;
    to.stringify(out, 2);
    out << "\n";
    return out.str();
}

}  // namespace turnpike::measure
