#include "process/rollout.h"

#include <algorithm>

#include "process/channel.h"
#include "server/backend_path.h"

namespace turnpike::process {
namespace {
constexpr size_t kMostSocketPath = 107;

/// Who runs the programs of a site: its own user, or the workers' one. Never root.
Result<os::Identity> siteUser(const config::Site& site, const os::Identity& workers) {
    if (site.user.empty()) return workers;
    auto found = os::findIdentity(site.user, site.group);
    if (!found) return Error{found.error().code, "site " + site.name + ": " + found.error().text};
    if (found->uid == 0) return Error{EPERM, "site " + site.name + ": its programs may not run as root"};
    return found;
}

Result<os::Identity> workerUser(const config::Server& server) {
    if (server.user.empty()) {  // Debian's user for web servers; every system has the other
        auto usual = os::findIdentity("www-data", server.group);
        return usual ? usual : os::findIdentity("nobody", server.group);
    }
    auto found = os::findIdentity(server.user, server.group);
    if (found && found->uid == 0) return Error{EPERM, "[server] user: workers may not run as root"};
    return found;
}

Result<Permission> permissionOf(const config::Server& server) {
    const os::Identity own = os::ownIdentity();
    if (server.listen_group.empty()) return Permission{server.listen_mode, own.gid};
    auto found = os::findIdentity("root", server.listen_group);
    if (!found) return Error{found.error().code, "[server] listen_group: " + found.error().text};
    const bool is_in = found->gid == own.gid || std::count(own.groups.begin(), own.groups.end(), found->gid) > 0;
    if (!os::isRoot() && !is_in)
        return Error{EPERM,
                     "[server] listen_group: who starts Turnpike is not in the group " + server.listen_group};
    return Permission{server.listen_mode, found->gid};
}
}  // namespace

Rollout::~Rollout() = default;

void Rollout::start(uint32_t number, std::shared_ptr<const config::Snapshot> snapshot, Done done) {
    done_ = std::move(done);
    plan_.number = number;
    plan_.snapshot = std::move(snapshot);
    Problems problems = prepare();
    if (!problems.empty()) return fail(std::move(problems));
    probe_ = std::make_unique<Probe>(parts_.reactor);
    auto started = probe_->start(parts_.options, *plan_.snapshot, plan_.worker_user,
                                 [this](Probe::Found found) { onProbed(std::move(found)); });
    if (!started) fail({started.error().text});
}

Problems Rollout::prepare() {
    Problems problems;
    const config::Server& server = plan_.snapshot->server;
    uint32_t most = parts_.state.places().seats() / 2;
    if (server.workers > most)
        problems.push_back("[server] workers: at most " + std::to_string(most) + " without a restart");
    findUsers(problems);
    openSockets(problems);
    return problems;
}

void Rollout::openSockets(Problems& problems) {
    const config::Server& server = plan_.snapshot->server;
    auto permission = permissionOf(server);
    if (!permission) return problems.push_back(permission.error().text);
    plan_.permission = *permission;
    std::vector<std::string> addresses;
    for (const config::Listen& listen : server.listen) addresses.push_back(listen.address);
    auto sockets = sockets_.open(addresses, static_cast<int>(server.backlog), plan_.permission);
    if (!sockets) return problems.push_back("[server] listen: " + sockets.error().text);
    plan_.sockets = std::move(*sockets);
}

void Rollout::findUsers(Problems& problems) {
    const config::Server& server = plan_.snapshot->server;
    plan_.users.runtime_folder = server.runtime_folder;
    if (!os::isRoot()) return;
    auto workers = workerUser(server);
    if (!workers) return problems.push_back(workers.error().text);
    plan_.worker_user = *workers;
    plan_.users.users.change = true;
    plan_.users.workers_group = workers->gid;
    for (const config::Site& site : plan_.snapshot->sites) {
        auto user = siteUser(site, *workers);
        if (!user)
            problems.push_back(user.error().text);
        else if (user->groups.size() > kMostGroups)
            problems.push_back("site " + site.name + ": its user is in more than " + std::to_string(kMostGroups) +
                               " groups");
        else
            plan_.users.users.sites.push_back(std::move(*user));
    }
}

void Rollout::onProbed(Probe::Found found) {
    if (found.problems.empty()) found.problems = takeBackends(std::move(found.declared.backends));
    if (found.problems.empty()) found.problems = takeShared(found.declared.shared);
    if (!found.problems.empty()) return fail(std::move(found.problems));
    parts_.spawner.addGeneration(plan_.number, plan_.users, plan_.backends,
                                 [this](const Problems& problems) { onBackends(problems); });
}

Problems Rollout::takeBackends(std::vector<server::BackendSpec> backends) {
    Problems problems;
    const std::string& folder = plan_.users.runtime_folder;
    for (const server::BackendSpec& spec : backends) {
        Writer size;
        write(size, spec);
        if (!spec.command.empty() && spec.address.empty() &&
            server::backendSocket(spec, folder).size() > kMostSocketPath)
            problems.push_back("backend " + spec.name +
                               ": its socket's path has more than 107 bytes, choose a shorter "
                               "runtime_folder than " +
                               folder);
        if (size.bytes().size() + 64 > kMostMessage)
            problems.push_back("backend " + spec.name +
                               ": its command, environment and config are larger than 128 KiB");
        if (!spec.command.empty() && spec.command.front().front() != '/')
            problems.push_back("backend " + spec.name +
                               ": the program's path is not absolute: " + spec.command.front());
    }
    auto accounts = parts_.state.places().assign(plan_.number, backends, folder);
    if (accounts)
        plan_.accounts = std::move(*accounts);
    else
        problems.push_back(accounts.error().text);
    plan_.backends = std::move(backends);
    return problems;
}

Problems Rollout::takeShared(const std::vector<server::SharedSpec>& specs) {
    auto made = parts_.state.regions().assign(specs, plan_.snapshot->server.spool_folder);
    if (!made) return {made.error().text};
    plan_.shared = std::move(*made);
    return {};
}

void Rollout::onBackends(const Problems& problems) {
    if (!problems.empty()) return fail(problems);
    generation_ = std::make_unique<Generation>(parts_, std::move(plan_));
    generation_->start([this](const std::string& failure) { onStarted(failure); });
}

void Rollout::onStarted(const std::string& failure) {
    if (!failure.empty()) return fail({failure});
    auto done = std::move(done_);
    done({}, std::move(generation_));
}

void Rollout::release() {
    uint32_t number = generation_ ? generation_->plan().number : plan_.number;
    parts_.spawner.forgetGeneration(number);
    parts_.state.places().forget(number);
}

/// Workers that started already finish what they have taken, so that no client pays for the failure and nothing of
/// this generation is left when done() is called.
void Rollout::fail(Problems problems) {
    problems_ = std::move(problems);
    const Plan& plan = generation_ ? generation_->plan() : plan_;
    abort(plan.snapshot->server.limits.drain_ms, [this] {
        auto done = std::move(done_);
        done(std::move(problems_), nullptr);
    });
}

void Rollout::abort(uint64_t limit_ms, std::function<void()> gone) {
    probe_.reset();
    auto released = [this, gone = std::move(gone)] {
        release();
        gone();
    };
    if (generation_)
        generation_->drain(limit_ms, released);
    else
        released();
}

bool Rollout::onEnded(const os::Ended& ended) {
    if (probe_ && probe_->onEnded(ended)) return true;
    return generation_ && generation_->onEnded(ended);
}

}  // namespace turnpike::process
