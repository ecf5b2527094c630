// worker.h - a worker process: one event loop that answers requests. Called by process/ after fork, with
// privileges already dropped.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/snapshot.h"
#include "ledger/plugin_slots.h"
#include "ledger/shared.h"
#include "ledger/site_slots.h"
#include "os/process.h"
#include "os/shared_region.h"
#include "os/socket.h"
#include "sdk/services.h"

namespace turnpike::net {
class EventLoop;
struct TicketKeys;
}  // namespace turnpike::net

namespace turnpike::server {

/// A site of the snapshot.
struct SiteTag {
    uint32_t index;
    std::string_view name;
};

/// Starts and kills the programs that answer one request; implemented by process/ over the channel to the
/// spawner. All on the loop thread.
class ChildService {
 public:
    virtual ~ChildService() = default;
    /// Called once before the first request.
    virtual int attach(net::EventLoop& loop) = 0;
    /// The spawner runs the program as the site's user. Null with *error set on
    /// failure. ended() is called exactly once, never from inside spawn().
    virtual tp_child* spawn(const SiteTag& site, const tp_spawn& spec, void (*ended)(void*, const tp_child_end*),
                            void* arg, int32_t* error) = 0;
    virtual void kill(tp_child* child, uint64_t grace_ms) = 0;
};

/// The places of the long-running backends, shared by all workers. A backend is known by its number in the order
/// of declaration, the same in every worker.
class PlaceService {
 public:
    virtual ~PlaceService() = default;
    virtual int attach(net::EventLoop& loop) = 0;
    virtual bool acquire(uint32_t backend) = 0;
    virtual void release(uint32_t backend) = 0;
    virtual bool wanted(uint32_t backend) = 0;
    virtual bool isRunning(uint32_t backend) = 0;
    virtual void onPlace(uint32_t backend, void (*changed)(void*), void* arg) = 0;
};

/// What all processes of a control group may use together; 0: not set.
struct ControlGroupLimits {
    uint64_t memory_bytes = 0, processes = 0;

    bool any() const { return memory_bytes > 0 || processes > 0; }
};

/// A backend as a plugin declared it (owned copies of tp_backend_spec).
struct BackendSpec {
    std::string name, address, directory, config_text;
    std::vector<std::string> command, env;
    uint32_t site = 0;  // index in the snapshot: whose user it runs as
    uint32_t count = 1, instances = 1;
    bool listens_itself = false;
    uint64_t restart_ms = 100;
    os::ProgramLimits limits;  // of each process
    ControlGroupLimits group_limits;
};

/// Memory for all workers as a plugin declared it (owned copies of tp_shared_spec).
struct SharedSpec {
    std::string site, name, token;
    uint64_t size = 0;
    uint32_t locks = 0;
    bool on_disk = false;
    std::vector<std::string> counters = {};  // at the beginning of the memory, 64 bits each

    /// The same memory, whoever may tell it something.
    bool isSame(const SharedSpec& other) const {
        return site == other.site && name == other.name && size == other.size && locks == other.locks &&
               on_disk == other.on_disk;
    }
};

/// What the plugins of a snapshot declared, in the order of declaration.
struct Declared {
    std::vector<BackendSpec> backends;
    std::vector<SharedSpec> shared;
};

/// One that was made.
struct SharedUse {
    SharedSpec spec;
    std::shared_ptr<os::SharedRegion> region;
};

/// What the master tells a worker, one message of a single byte on its channel.
enum class Order : uint8_t { Drain = 'd', Stop = 's', ReopenLogs = 'l' };
/// What a worker tells the master: Ready 'r'; Failed 'f' followed by the reason; Closed 'c' when, being drained,
/// it accepts no more connections; LogsOpen 'l' once for each ReopenLogs.
enum class Report : uint8_t { Ready = 'r', Failed = 'f', Closed = 'c', LogsOpen = 'l' };

struct Listener {
    int fd;
    os::Address address;
    bool tls = false;
};

struct WorkerSetup {
    std::shared_ptr<const config::Snapshot> snapshot;
    std::vector<Listener> listeners;
    int channel = -1;    // to the master, SOCK_SEQPACKET; end of file: the master is gone, drain and exit
    uint32_t index = 0;  // of this worker, 0 ..
    ledger::WorkerSlot* slot = nullptr;
    ledger::SiteSlots sites;  // none: sites are not counted one by one
    ledger::PluginSlots plugins;
    /// Shared by all workers and generations; null: sessions are not resumed.
    const net::TicketKeys* tickets = nullptr;
    ChildService* children = nullptr;
    PlaceService* places = nullptr;
    /// What the plugins declared when the master tried them out; null: whatever they declare now.
    const std::vector<BackendSpec>* backends = nullptr;
    /// What was made for those that were declared then.
    const std::vector<SharedUse>* shared = nullptr;
};

/// Serves until ordered to stop; the process's exit status.
int runWorker(const WorkerSetup& setup);

/// Told before each step that runs a plugin's code, with who does what: "turnpike.toml:12:5: plugin php: loading
/// FILE". Whoever keeps the last one knows which plugin a crash was in.
using Trying = std::function<void(const std::string& step)>;

/// Loads and configures every plugin that the snapshot names, in the calling process, and throws everything away
/// again. Returns what is wrong; fills `declared` with what the plugins declared, in the order that workers will
/// find. For `turnpike check` and, in a child of the master without privileges, before each start and reload.
/// `findings`: see PluginSet.
std::vector<config::Problem> probePlugins(const config::Snapshot& snapshot, Declared* declared,
                                          const Trying& trying = {},
                                          std::vector<config::Problem>* findings = nullptr);

}  // namespace turnpike::server
