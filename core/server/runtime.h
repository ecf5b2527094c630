// runtime.h - what all requests of a worker share: the loop, the sites with their plugins, pools, logs, counters
// and the services of other processes. One loop thread. It is the tp_worker of the plugin ABI.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "base/arena.h"
#include "net/loop.h"
#include "os/log.h"
#include "server/access_log.h"
#include "server/body_spool.h"
#include "server/errands.h"
#include "server/exchange.h"
#include "server/folder_watches.h"
#include "server/links.h"
#include "server/pipes.h"
#include "server/pool.h"
#include "server/site.h"
#include "server/tls_links.h"
#include "server/worker.h"

/// The opaque worker of plugin.h.
struct tp_worker {};

namespace turnpike::server {

class Runtime final : public tp_worker {
 public:
    static constexpr size_t kLargeBlock = 65536;

    Runtime(const WorkerSetup& setup, net::EventLoop& loop, SiteTable& sites);
    ~Runtime();
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    const config::Snapshot& snapshot() const { return *setup_.snapshot; }
    const config::Limits& limits() const { return snapshot().server.limits; }
    net::EventLoop& loop() { return loop_; }
    SiteTable& sites() { return sites_; }
    /// Behind the host, in a URL that leads to the TLS listener.
    const std::string& httpsPort() const { return https_port_; }
    /// 8 KiB: arenas, heads, small answers. kLargeBlock: long heads and bodies.
    BlockPool& blocks() { return blocks_; }
    BlockPool& largeBlocks() { return large_blocks_; }
    SpoolQuota& spoolQuota() { return quota_; }
    BlockingPool& pool() { return *pool_; }
    Pipes& pipes() { return pipes_; }
    Links& links() { return links_; }
    TlsLinks& tlsLinks() { return tls_links_; }
    FolderWatches& folders() { return folders_; }
    Errands& errands() { return errands_; }
    /// That of `site`; null: of the server, for requests that no site has.
    AccessLog& accessLog(const Site* site) {
        return site != nullptr ? access_logs_.ofSite(site->index) : access_logs_.ofServer();
    }
    ledger::SiteSlots& siteSlots() { return site_slots_; }
    ledger::PluginSlots& pluginSlots() { return plugin_slots_; }
    ledger::Counters& counters() { return setup_.slot->counters; }
    /// The worker's own account; a request's is added to it when it ends.
    ledger::Account& account() { return setup_.slot->account; }
    ChildService* children() { return setup_.children; }
    PlaceService* places() { return setup_.places; }

    uint64_t nextId();
    /// CLOCK_REALTIME, as of the loop's last wake-up and the offset read at most a second ago.
    int64_t unixMs();
    /// The Date field's value.
    std::string_view date();

    /// An exchange to use; give() it back when it has ended.
    Exchange& take();
    void give(Exchange& exchange);
    /// An ended exchange pays into the worker's account.
    void close(Exchange& exchange);
    /// Stops the pool's threads. Before the plugins go.
    void stopPool() { pool_.reset(); }

    /// 0, or -errno with *why.
    int openLogs(std::string* why);
    void reopenLogs();
    /// What was logged is on disk within a second.
    void flushLogsSoon();
    /// [any thread] One line to the error log, about `request` when there is one.
    void log(int32_t level, std::string_view message, const tp_request_view* request = nullptr);
    /// The runtime of this process.
    static Runtime* current();

 private:
    void flushLogs();

    const WorkerSetup& setup_;
    ledger::SiteSlots site_slots_;
    ledger::PluginSlots plugin_slots_;
    net::EventLoop& loop_;
    SiteTable& sites_;
    std::string https_port_;
    BlockPool blocks_, large_blocks_;
    SpoolQuota quota_;
    Pipes pipes_;
    Links links_;
    TlsLinks tls_links_;
    FolderWatches folders_;
    AccessLogs access_logs_;
    os::ErrorLog error_log_{"worker"};
    net::Timer log_timer_;
    std::unique_ptr<BlockingPool> pool_;
    std::vector<std::unique_ptr<Exchange>> exchanges_;  // all
    std::vector<Exchange*> free_;
    Errands errands_;
    uint64_t id_;
    uint64_t clock_read_ns_ = 0;
    int64_t unix_offset_ms_ = 0;
    int64_t date_second_ = -1;
    char date_[32] = "";
};

}  // namespace turnpike::server
