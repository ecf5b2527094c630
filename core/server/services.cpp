// The extensions of services.h.
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/assert.h"
#include "os/file.h"
#include "os/resolve.h"
#include "os/socket.h"
#include "plugin/setup.h"
#include "server/backend_path.h"
#include "server/backends.h"
#include "server/exchange.h"
#include "server/files.h"
#include "server/host_table.h"
#include "server/plugin_set.h"
#include "server/runtime.h"
#include "server/tls_dialers.h"

namespace turnpike::server {
namespace {

using ledger::Class;

Exchange& of(tp_request* request) { return *static_cast<Exchange*>(request); }
Runtime& of(tp_worker* worker) { return *static_cast<Runtime*>(worker); }
std::string_view text(tp_str s) { return {s.ptr, s.len}; }

/// Charges a call to the request that pays for it. On the pool the job's account stays: it is added to the
/// request's when the job is done.
class Payer {
 public:
    explicit Payer(tp_request* request) : scope_(account(request)) {}

 private:
    static ledger::Account& account(tp_request* request) {
        if (BlockingPool::isPoolThread()) return ledger::payer();
        return request != nullptr ? of(request).account() : Runtime::current()->account();
    }
    ledger::Scope scope_;
};

void describe(const struct stat& st, tp_file* file) {
    if (file == nullptr) return;
    int32_t type = S_ISREG(st.st_mode) ? TP_FILE_REGULAR : S_ISDIR(st.st_mode) ? TP_FILE_DIRECTORY : TP_FILE_OTHER;
    *file = {sizeof *file,       type,       static_cast<uint64_t>(st.st_size),
             st.st_ino,          st.st_dev,  st.st_mtim.tv_sec,
             st.st_mtim.tv_nsec, st.st_mode, 0};
}

int32_t open(tp_request* request, tp_str path, uint32_t how, tp_file* file) {
    Payer payer(request);
    const Site* site = of(request).site();
    if (site == nullptr) return -ENOENT;
    const uint32_t use = how & ~uint32_t{TP_OPEN_UNLINKED};
    OpenFor what = use == TP_OPEN_CONTENT    ? OpenFor::Content
                   : use == TP_OPEN_SCRIPT   ? OpenFor::Lookup
                   : use == TP_OPEN_SETTINGS ? OpenFor::Settings
                                             : OpenFor::List;
    const auto links = (how & TP_OPEN_UNLINKED) != 0 ? std::optional(os::Links::Deny) : std::nullopt;
    struct stat st {};
    int fd = openFile(*site, text(path), what, file != nullptr ? &st : nullptr, of(request).route(), links);
    if (fd >= 0) describe(st, file);
    return fd;
}

int32_t statFd(tp_request* request, int fd, tp_file* file) {
    Payer payer(request);
    struct stat st {};
    int result = os::fstat(fd, &st, Class::File);
    if (result == 0) describe(st, file);
    return result;
}

int64_t pread(tp_request* request, int fd, void* to, size_t size, uint64_t offset) {
    Payer payer(request);
    return os::pread(fd, to, size, offset, Class::File);
}

int32_t list(tp_request* request, int fd, int32_t (*each)(void*, tp_str), void* arg) {
    Payer payer(request);
    auto one = [&](std::string_view name) { return each(arg, {name.data(), name.size()}) == 0; };
    return os::listDirectory(fd, one, Class::File);
}

/// Of the calling worker; on the pool none is in use.
Links& links() { return Runtime::current()->links(); }
TlsLinks& tlsLinks() { return Runtime::current()->tlsLinks(); }

int32_t connectMemory(std::string_view path, int32_t* done) {
    auto parsed = os::Address::parse("unix:" + std::string(path));
    if (!parsed) return -EINVAL;
    int error = 0;
    auto link = os::Link::connect(*parsed, Class::Backend, &error);
    if (!link) return -error;
    *done = 1;
    return links().add(std::move(link));
}

int32_t connect(tp_request* request, tp_str address, int32_t* done) {
    Payer payer(request);
    constexpr std::string_view kMemory = "memory:";
    if (text(address).starts_with(kMemory)) return connectMemory(text(address).substr(kMemory.size()), done);
    auto parsed = os::Address::parse(text(address));
    if (!parsed) return -EINVAL;
    bool connected = false;
    int fd = os::connect(*parsed, Class::Backend, &connected);
    *done = connected ? 1 : 0;
    return fd;
}

int32_t connectTls(tp_request* request, tp_str address, tp_tls* tls, int32_t* done) {
    Payer payer(request);
    *done = 0;
    const std::string where(text(address));
    auto parsed = os::Address::parse(where);
    if (!parsed) return -EINVAL;
    bool is_connected = false;  // the handshake waits for an event in any case
    const int fd = os::connect(*parsed, Class::Backend, &is_connected);
    if (fd >= 0) tlsLinks().add(fd, *tls->dialer, where);
    return fd;
}

tp_str fault(int fd) {
    const TlsLink* link = tlsLinks().find(fd);
    const std::string_view why = link != nullptr ? link->fault() : std::string_view();
    return {why.data(), why.size()};
}

int32_t connected(tp_request* request, int fd) {
    Payer payer(request);
    if (links().find(fd) != nullptr) return 0;
    if (const TlsLink* link = tlsLinks().find(fd)) return link->connected();
    return os::socketError(fd, Class::Backend);
}

int64_t read(tp_request* request, int fd, void* to, size_t size) {
    Payer payer(request);
    os::Link::Lane* lane = links().find(fd);
    if (lane == nullptr) {
        TlsLink* link = tlsLinks().find(fd);
        return link != nullptr ? link->read(to, size) : os::read(fd, to, size, Class::Backend);
    }
    const int64_t got = lane->read(to, size, Class::Backend);
    links().settle(fd);
    return got;
}

int64_t write(tp_request* request, int fd, const tp_str* parts, size_t count) {
    Payer payer(request);
    os::Link::Lane* lane = links().find(fd);
    TlsLink* link = lane == nullptr ? tlsLinks().find(fd) : nullptr;
    if (count == 1 && lane == nullptr && link == nullptr)
        return os::write(fd, parts->ptr, parts->len, Class::Backend);
    std::array<iovec, 64> vector;
    count = std::min(count, vector.size());
    for (size_t i = 0; i < count; ++i) vector[i] = {const_cast<char*>(parts[i].ptr), parts[i].len};
    if (link != nullptr) return link->write(vector.data(), count);
    if (lane == nullptr) return os::writev(fd, vector.data(), count, Class::Backend);
    const int64_t put = lane->write(vector.data(), count, Class::Backend);
    links().settle(fd);
    return put;
}

int32_t addLane(tp_request* request, int fd) {
    Payer payer(request);
    return links().addLane(fd);
}

void end(tp_request*, int fd) {
    if (os::Link::Lane* lane = links().find(fd)) lane->end();
}

uint32_t took(tp_request*, int fd) {
    const os::Link::Lane* lane = links().find(fd);
    return lane != nullptr ? lane->took() : 0;
}

int32_t withdraw(tp_request* request, int fd) {
    Payer payer(request);
    os::Link::Lane* lane = links().find(fd);
    return lane != nullptr && lane->withdraw() ? 1 : 0;
}

int32_t endWriting(tp_request* request, int fd) {
    Payer payer(request);
    if (links().find(fd) != nullptr) return -ENOTSUP;
    TlsLink* link = tlsLinks().find(fd);
    if (link == nullptr) return os::shutdownWrite(fd, Class::Backend);
    link->endWriting();
    return 0;
}

int64_t lookUp(tp_str name, char* to, size_t size) {
    const auto hosts = os::resolveAll(std::string(text(name)));
    if (!hosts) return -ENOENT;
    std::string all;
    for (const std::string& host : *hosts) all.append(all.empty() ? "" : " ").append(host);
    if (all.size() > size) return -ENOSPC;
    std::copy(all.begin(), all.end(), to);
    return static_cast<int64_t>(all.size());
}

int32_t pipe(tp_request* request, int32_t fds[2], uint32_t ours) {
    Payer payer(request);
    return os::pipe(fds, ours == 0 ? 0 : 1, Class::Backend);
}

void close(tp_request* request, int fd, uint32_t crossing_class) {
    Payer payer(request);
    if (!BlockingPool::isPoolThread() && (links().close(fd) || tlsLinks().close(fd))) return;
    os::close(fd, crossing_class < TP_CLASS_COUNT ? static_cast<Class>(crossing_class) : Class::File);
}

tp_child* spawn(tp_request* request, tp_worker* worker, const tp_spawn* spec,
                void (*ended)(void*, const tp_child_end*), void* arg, int32_t* error) {
    // What a plugin has that was built before programs had groups.
    constexpr size_t kLeast = offsetof(tp_spawn, cgroup_memory_bytes);
    if (spec->struct_size < kLeast) {
        *error = -EINVAL;
        return nullptr;
    }
    tp_spawn known{};
    std::memcpy(&known, spec, std::min<size_t>(spec->struct_size, sizeof known));
    Payer payer(request);
    const Site* site = of(request).site();
    return of(worker).children()->spawn({site->index, site->config->name}, known, ended, arg, error);
}

void kill(tp_child* child, uint64_t grace_ms) { Runtime::current()->children()->kill(child, grace_ms); }

tp_backend* declare(tp_setup* setup, const tp_backend_spec* spec) { return declareBackend(*setup, *spec); }

tp_tls* declareTls(tp_setup* setup, const tp_tls_spec* spec, char* why, size_t size) {
    std::string wrong;
    tp_tls* made = nullptr;
    if (spec->struct_size < sizeof *spec)
        wrong = "tp_tls_spec.struct_size is too small";
    else
        made = static_cast<Configuring*>(setup->host_data)->dialers->add(*spec, &wrong);
    if (size > 0) why[wrong.copy(why, size - 1)] = '\0';
    return made;
}

tp_str address(const tp_backend* backend) { return {backend->address.data(), backend->address.size()}; }
int32_t acquire(tp_backend* backend, tp_worker* worker) {
    return of(worker).places()->acquire(backend->index) ? 1 : 0;
}
void release(tp_backend* backend, tp_worker* worker) { of(worker).places()->release(backend->index); }
int32_t wanted(tp_backend* backend, tp_worker* worker) {
    return of(worker).places()->wanted(backend->index) ? 1 : 0;
}
int32_t running(const tp_backend* backend, tp_worker* worker) {
    return of(worker).places()->isRunning(backend->index) ? 1 : 0;
}
void onPlace(tp_backend* backend, tp_worker* worker, void (*changed)(void*), void* arg) {
    of(worker).places()->onPlace(backend->index, changed, arg);
}

void* state(tp_request* request, const void* key, size_t size, void (*end)(void*)) {
    return of(request).state(key, size, end);
}
int32_t setVariable(tp_request* request, tp_str name, tp_str value) {
    return of(request).setVariable(text(name), text(value));
}
int32_t setErrorPage(tp_request* request, uint32_t status, tp_str target) {
    return of(request).setErrorPage(status, text(target));
}
int32_t setRequestField(tp_request* request, tp_str name, const tp_str* value) {
    const std::string_view kept = value != nullptr ? text(*value) : std::string_view();
    return of(request).setRequestField(text(name), value != nullptr ? &kept : nullptr);
}
int32_t standsIn(tp_request* request) { return of(request).standsIn() ? 1 : 0; }
int32_t goOnAs(tp_request* request, tp_str path) { return of(request).goOnAs(text(path)) ? 1 : 0; }

int32_t sendInterim(tp_request* request, uint32_t status, const tp_field* fields, size_t count) {
    return of(request).sendInterim(status, fields, count);
}

/// What comes by TLS or shared memory is not what lies in the descriptor.
int64_t splice(tp_request* request, int fd, uint64_t most, int32_t* sent) {
    TP_ASSERT(!BlockingPool::isPoolThread());
    Payer payer(request);
    if (links().find(fd) != nullptr || tlsLinks().find(fd) != nullptr) return -ENOTSUP;
    return of(request).splice(fd, most, sent);
}

tp_request* beginBackground(tp_request* like, const tp_background_spec* spec, int32_t* error) {
    TP_ASSERT(!BlockingPool::isPoolThread());
    return Runtime::current()->errands().begin(of(like), *spec, error);
}

tp_folder_watch* watchFolder(tp_request* request, int folder, void (*changed)(void*, uint32_t, tp_str), void* arg,
                             int32_t* error) {
    Payer payer(request);
    return Runtime::current()->folders().add(folder, changed, arg, error);
}
void unwatchFolder(tp_folder_watch* watch) { Runtime::current()->folders().remove(watch); }

}  // namespace

const tp_io& ioTable() {
    static const tp_io table = {sizeof(tp_io), 0,    open,  statFd,  pread, list, connect,  connected,  read,
                                write,         pipe, close, addLane, end,   took, withdraw, endWriting, lookUp};
    return table;
}

const tp_tls_service& tlsTable() {
    static const tp_tls_service table = {sizeof(tp_tls_service), 0, declareTls, connectTls, fault};
    return table;
}

const tp_process& processTable() {
    static const tp_process table = {sizeof(tp_process), 0, spawn, kill};
    return table;
}

const tp_response_service& responseTable() {
    static const tp_response_service table = {sizeof(tp_response_service),
                                              0,
                                              [](tp_request* request) { of(request).response().filterBody(true); },
                                              sendInterim,
                                              [](tp_request* request) { return of(request).endSending(); },
                                              splice};
    return table;
}

const tp_backend_service& backendTable() {
    static const tp_backend_service table = {
        sizeof(tp_backend_service), 0, declare, address, acquire, release, wanted, onPlace, running};
    return table;
}

const tp_request_service& requestTable() {
    static const tp_request_service table = {
        sizeof(tp_request_service), 0, state, setVariable, setErrorPage, setRequestField, standsIn, goOnAs};
    return table;
}

const tp_background_service& backgroundTable() {
    static const tp_background_service table = {sizeof(tp_background_service), 0, beginBackground};
    return table;
}

const tp_folders& foldersTable() {
    static const tp_folders table = {sizeof(tp_folders), 0, watchFolder, unwatchFolder};
    return table;
}

}  // namespace turnpike::server
