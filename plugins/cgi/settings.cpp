#include "settings.h"

namespace turnpike::cgi {
namespace {

std::vector<std::string> readList(const tp_host& host, const tp_setup* setup, const char* key) {
    const tp_str* items = nullptr;
    size_t count = host.config_list(setup, key, &items);
    std::vector<std::string> list;
    for (size_t i = 0; i < count; ++i) {
        if (items[i].len == 0) throw Refused(key, "an empty text is not allowed here");
        list.emplace_back(text(items[i]));
    }
    return list;
}

gateway::Pairs readEnv(const tp_host& host, const tp_setup* setup) {
    const tp_field* items = nullptr;
    size_t count = host.config_map(setup, "env", &items);
    gateway::Pairs pairs;
    for (size_t i = 0; i < count; ++i) {
        std::string name(text(items[i].name)), value(text(items[i].value));
        if (name.empty() || name.find('=') != name.npos || (name + value).find('\0') != name.npos)
            throw Refused("env", "\"" + name + "\" is no name of a variable, or its value holds a NUL");
        pairs.emplace_back(std::move(name), std::move(value));
    }
    return pairs;
}

}  // namespace

Settings readSettings(const tp_host& host, const tp_setup* setup) {
    using gateway::readNumber;
    Settings to;
    to.program = text(host.config_string(setup, "program"));
    if (!to.program.empty() && to.program[0] != '/') throw Refused("program", "must be an absolute path");
    to.interpreter = readList(host, setup, "interpreter");
    if (!to.interpreter.empty() && to.interpreter[0][0] != '/')
        throw Refused("interpreter", "the program must be an absolute path");
    to.suffixes = readList(host, setup, "suffixes");
    if (!to.program.empty() && !to.suffixes.empty())
        throw Refused("suffixes", "no script is looked up where `program` answers");
    to.env = readEnv(host, setup);
    to.timeout_ms = readNumber(host, setup, "timeout");
    to.idle_ms = readNumber(host, setup, "idle_timeout");
    to.children = readNumber(host, setup, "children", 1);
    to.queue = readNumber(host, setup, "queue");
    to.queue_ms = readNumber(host, setup, "queue_timeout", 1);
    to.cpu_seconds = (readNumber(host, setup, "cpu") + 999) / 1000;
    to.limits = gateway::readLimits(host, setup);
    to.group_limits = gateway::readGroupLimits(host, setup);
    to.pass_authorization = readNumber(host, setup, "pass_authorization") != 0;
    to.indexed_query = readNumber(host, setup, "indexed_query") != 0;
    return to;
}

}  // namespace turnpike::cgi
