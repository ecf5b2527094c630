// The master's logs and those of its workers: made, opened anew, and renamed when they have grown.
#include <algorithm>
#include <cstring>
#include <map>

#include "os/file.h"
#include "os/local.h"
#include "process/master.h"

namespace turnpike::process {
namespace {
constexpr uint64_t kRotateEveryMs = 1'000;

/// The config has made paths absolute; streams and sockets are named otherwise.
bool isFile(const std::string& log) { return log.starts_with('/'); }

/// Path and name of every log that is a file, each once.
std::map<std::string, const char*> logFiles(const config::Snapshot& config) {
    std::map<std::string, const char*> files;
    auto add = [&files](const std::string& path, const char* name) {
        if (isFile(path)) files.emplace(path, name);
    };
    add(config.server.error_log, "error log");
    add(config.server.access_log, "access log");
    for (const config::Site& site : config.sites) add(site.access_log, "access log");
    return files;
}

std::string numbered(const std::string& path, uint64_t number) { return path + "." + std::to_string(number); }

/// PATH.1 is the one before, PATH.2 the one before that; what was PATH.keep is gone. 0 or -errno.
int rotate(const std::string& path, uint64_t keep) {
    for (uint64_t number = keep; number > 1; --number)
        os::moveFile(numbered(path, number - 1), numbered(path, number));  // it need not be there
    return os::moveFile(path, numbered(path, 1));
}
}  // namespace

std::optional<os::Identity> Master::fileOwner(const config::Server& server) {
    if (!os::isRoot()) return {};
    auto found = os::findIdentity(server.user.empty() ? "www-data" : server.user, server.group);
    if (!found) return {};
    return *found;
}

/// Files are made here and given to the workers' user, who could not make them below /var/log.
Result<bool> Master::makeLogs(const config::Snapshot& config) {
    auto owner = fileOwner(config.server);
    for (const auto& [path, name] : logFiles(config)) {
        // No link is followed and no other kind of file given away: the folder may be the workers' own.
        int fd = os::open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, 0640,
                          os::Class::Log);
        os::Fd file(fd, os::Class::Log);
        struct stat st {};
        int given = fd < 0 ? fd : os::fstat(fd, &st, os::Class::Log);
        if (given == 0 && owner && S_ISREG(st.st_mode)) given = os::changeOwner(fd, owner->uid, owner->gid);
        if (given >= 0) continue;
        const char* why = given == -ELOOP ? "it is a symbolic link, name its target" : std::strerror(-given);
        return Error{-given, std::string("cannot open the ") + name + " " + path + ": " + why};
    }
    return true;
}

void Master::reopenLogs() {
    auto opened = makeLogs(*config_);
    if (opened) opened = log_.open(config_->server.error_log, config_->server.log_level);
    if (!opened) log_.write(TP_LOG_ERROR, opened.error().text);
    spawner_->openLog(config_->server.error_log, config_->server.log_level);
    if (current_) current_->order(server::Order::ReopenLogs);
    if (rollout_) rollout_->order(server::Order::ReopenLogs);
    for (const auto& generation : retired_) generation->order(server::Order::ReopenLogs);
}

/// Whether every worker has done what the last reopenLogs() told it.
bool Master::areLogsOpen() const {
    auto is_open = [](const auto& generation) { return !generation || !generation->isReopening(); };
    return !rollout_ && is_open(current_) && std::all_of(retired_.begin(), retired_.end(), is_open);
}

/// Lines go on into a file that was renamed until the last worker has opened the new one: until then it is not
/// renamed again, so that what is removed in the end is complete.
void Master::rotateLogs() {
    const config::Server& server = config_->server;
    if (server.log_max_size == 0 || !areLogsOpen()) return;
    bool rotated = false;
    for (const auto& [path, name] : logFiles(*config_)) {
        if (os::fileSize(path) < static_cast<int64_t>(server.log_max_size)) continue;
        const int moved = rotate(path, server.log_keep);
        if (moved == 0)
            rotated = true;
        else if (unrotated_.insert(path).second)  // once: it is tried again each second
            log_.write(TP_LOG_ERROR, std::string("cannot rotate the ") + name + " " + path + ": " +
                                         std::strerror(-moved) + "; it grows past log_max_size");
        if (moved == 0) unrotated_.erase(path);
    }
    if (rotated) reopenLogs();
}

void Master::rotateLogsLater() {
    reactor_.after(kRotateEveryMs, [this] {
        rotateLogs();
        rotateLogsLater();
    });
}

}  // namespace turnpike::process
