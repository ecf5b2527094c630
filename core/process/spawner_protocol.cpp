#include "process/spawner_protocol.h"

namespace turnpike::process {
namespace {
constexpr uint32_t kMostTexts = 4096, kMostProcesses = 65536;
constexpr size_t kUsersSize = 65536;  // of a message, from which on the next one is begun

size_t sizeOf(const os::Identity& who) { return sizeof(uint32_t) * (3 + who.groups.size()); }

void write(Writer& to, const os::Identity& who) {
    to.u32(who.uid).u32(who.gid).u32(static_cast<uint32_t>(who.groups.size()));
    for (gid_t group : who.groups) to.u32(group);
}

os::Identity readIdentity(Reader& from) {
    os::Identity who;
    who.uid = from.u32();
    who.gid = from.u32();
    uint32_t count = from.u32();
    for (uint32_t i = 0; i < count && i < kMostGroups && from.ok(); ++i) who.groups.push_back(from.u32());
    return who;
}
}  // namespace

void write(Writer& to, const UserTable& table) {
    to.u32(table.users.change ? 1 : 0).u32(table.workers_group).text(table.runtime_folder);
}

bool read(Reader& from, UserTable& table) {
    table.users.change = from.u32() != 0;
    table.workers_group = from.u32();
    table.runtime_folder = from.text();
    return from.ok();
}

size_t writeSiteUsers(Writer& to, const std::vector<os::Identity>& sites, size_t first) {
    size_t end = first;
    for (size_t size = 0; end < sites.size() && size < kUsersSize; ++end) size += sizeOf(sites[end]);
    to.u32(static_cast<uint32_t>(end - first));
    for (size_t i = first; i < end; ++i) write(to, sites[i]);
    return end;
}

bool readSiteUsers(Reader& from, std::vector<os::Identity>& sites) {
    const uint32_t count = from.u32();
    for (uint32_t i = 0; i < count && from.ok(); ++i) sites.push_back(readIdentity(from));
    return from.ok();
}

void write(Writer& to, const server::BackendSpec& spec) {
    to.text(spec.name).text(spec.address).text(spec.directory).text(spec.config_text);
    to.texts(spec.command).texts(spec.env);
    to.u32(spec.site).u32(spec.count).u32(spec.instances).u32(spec.listens_itself ? 1 : 0).u64(spec.restart_ms);
    const os::ProgramLimits& limits = spec.limits;
    to.u64(limits.memory_bytes).u64(limits.file_bytes).u64(limits.open_files).u64(limits.processes);
    to.u64(spec.group_limits.memory_bytes).u64(spec.group_limits.processes);
}

bool read(Reader& from, server::BackendSpec& spec) {
    for (std::string* text : {&spec.name, &spec.address, &spec.directory, &spec.config_text}) *text = from.text();
    spec.command = from.texts(kMostTexts);
    spec.env = from.texts(kMostTexts);
    for (uint32_t* number : {&spec.site, &spec.count, &spec.instances}) *number = from.u32();
    spec.listens_itself = from.u32() != 0;
    spec.restart_ms = from.u64();
    spec.limits = {0, from.u64(), from.u64(), from.u64(), from.u64()};
    spec.group_limits = {from.u64(), from.u64()};
    return from.ok();
}

void write(Writer& to, const server::SharedSpec& spec) {
    to.text(spec.site).text(spec.name).text(spec.token).u64(spec.size).u32(spec.locks).u32(spec.on_disk ? 1 : 0);
    to.texts(spec.counters);
}

bool read(Reader& from, server::SharedSpec& spec) {
    for (std::string* text : {&spec.site, &spec.name, &spec.token}) *text = from.text();
    spec.size = from.u64();
    spec.locks = from.u32();
    spec.on_disk = from.u32() != 0;
    spec.counters = from.texts(kMostTexts);
    return from.ok();
}

void write(Writer& to, const BackendState& state) {
    to.text(state.folder).text(state.name).u64(state.restarts).u32(static_cast<uint32_t>(state.pids.size()));
    for (uint32_t pid : state.pids) to.u32(pid);
}

bool read(Reader& from, BackendState& state) {
    state.folder = from.text();
    state.name = from.text();
    state.restarts = from.u64();
    uint32_t count = from.u32();
    for (uint32_t i = 0; i < count && i < kMostProcesses && from.ok(); ++i) state.pids.push_back(from.u32());
    return from.atEnd();
}

}  // namespace turnpike::process
