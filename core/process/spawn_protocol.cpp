#include "process/spawn_protocol.h"

#include <cstring>

#include "process/wire.h"

namespace turnpike::process {
namespace {

std::string_view view(tp_str s) { return {s.ptr, s.len}; }

void writeTexts(Writer& to, const tp_str* texts, size_t count) {
    to.u32(static_cast<uint32_t>(count));
    for (size_t i = 0; i < count; ++i) to.text(view(texts[i]));
}

bool readPointers(Reader& from, uint32_t most, std::vector<const char*>& to) {
    uint32_t count = from.u32();
    if (count > most) return false;
    to.reserve(size_t{count} + 1);
    for (uint32_t i = 0; i < count && from.ok(); ++i) to.push_back(from.text().data());
    to.push_back(nullptr);
    return from.ok();
}

bool isVariable(const char* text) {
    const char* equals = std::strchr(text, '=');
    return equals != nullptr && equals != text;
}

const char* check(const Request& r) {
    if (r.argv.size() < 2) return "no program is named";
    if (r.argv[0][0] != '/') return "the program's path is not absolute";
    if (r.directory[0] != '/') return "the working directory is not absolute";
    for (size_t i = 0; i + 1 < r.env.size(); ++i)
        if (!isVariable(r.env[i])) return "a variable is not of the form NAME=value";
    return nullptr;
}

const char* decodeSpawn(Reader& from, Request& r) {
    r.site = from.u32();
    r.site_name = from.text().data();
    r.limits = {from.u64(), from.u64(), from.u64(), from.u64(), from.u64()};
    r.group_limits = {from.u64(), from.u64()};
    r.directory = from.text().data();
    if (!readPointers(from, kMostArguments, r.argv)) return "bad argument list";
    if (!readPointers(from, kMostVariables, r.env)) return "bad environment";
    return from.atEnd() ? check(r) : "bad length";
}

}  // namespace

std::string encodeSpawn(uint64_t id, const server::SiteTag& site, const tp_spawn& spec) {
    Writer to;
    to.u32(static_cast<uint32_t>(Ask::Spawn)).u64(id).u32(site.index).text(site.name);
    to.u64(spec.cpu_seconds).u64(spec.memory_bytes).u64(spec.file_bytes).u64(spec.open_files).u64(spec.processes);
    to.u64(spec.cgroup_memory_bytes).u64(spec.cgroup_processes);
    to.text(spec.directory.len == 0 ? std::string_view("/") : view(spec.directory));
    writeTexts(to, spec.argv, spec.argc);
    writeTexts(to, spec.env, spec.envc);
    return to.bytes();
}

std::string encodeKill(uint64_t id, uint64_t grace_ms) {
    return Writer().u32(static_cast<uint32_t>(Ask::Kill)).u64(id).u64(grace_ms).bytes();
}

std::string encodeMark(uint64_t id) { return Writer().u32(static_cast<uint32_t>(Ask::Mark)).u64(id).bytes(); }

const char* decode(std::string_view message, Request& request) {
    Reader from(message);
    request.ask = static_cast<Ask>(from.u32());
    request.id = from.u64();
    if (request.ask == Ask::Spawn) return decodeSpawn(from, request);
    if (request.ask == Ask::Kill)
        request.grace_ms = from.u64();
    else if (request.ask != Ask::Mark)
        return "unknown request";
    return from.atEnd() ? nullptr : "bad length";
}

}  // namespace turnpike::process
