#include "measure/bed/bed.h"

#include <cstdio>

#include "os/machine.h"

namespace turnpike::measure {
namespace {

std::string makePassword() {
    char text[40];
    std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(os::randomNumber()),
                  static_cast<unsigned long long>(os::randomNumber()));
    return text;
}

}  // namespace

Bed::Bed(Installed installed, BedFolder folder) : installed_(std::move(installed)), folder_(std::move(folder)) {
    password_ = makePassword();
}

Bed::~Bed() { stop(); }

Result<std::unique_ptr<Bed>> Bed::make(Installed installed, const std::string& keep) {
    auto folder = keep.empty() ? BedFolder::make(installed.workers) : BedFolder::makeKept(keep, installed.workers);
    if (!folder) return folder.error();
    std::unique_ptr<Bed> bed(new Bed(std::move(installed), std::move(*folder)));
    if (auto made = bed->layOut(); !made) return made.error();
    return bed;
}

Result<bool> Bed::layOut() {
    for (const char* name : {"site", "site/cgi-bin", "programs", "plugins", "data", "log", "run"})
        if (auto made = makeFolder(folder_ / name); !made) return made.error();
    std::vector<std::string> parts = {"static.so", "cgi.so", "fastcgi.so"};
    if (installed_.has_embedded_php) parts.insert(parts.end(), {"php.so", "php_inline.so", "turnpike-php"});
    for (const std::string& part : parts)
        if (auto copied = copyFile(installed_.plugins + "/" + part, folder_ / ("plugins/" + part),
                                   part.ends_with(".so") ? 0644 : 0755);
            !copied)
            return copied.error();
    auto done = copyFile(installed_.things + "/plugins/page.so", folder_ / "plugins/page.so");
    if (done && !installed_.responder.empty())
        done = copyFile(installed_.responder, folder_ / "programs/responder", 0755);
    for (const char* program : {"cgi-static", "cgi-dynamic"})
        if (done)
            done = copyFile(installed_.things + "/programs/" + program,
                            folder_ / (std::string("site/cgi-bin/") + program), 0755);
    for (const char* page : {"page.php", "lookups.php"})
        if (done) done = copyFile(installed_.things + "/pages/" + page, folder_ / (std::string("site/") + page));
    if (done) done = writeSite();
    return done ? writeConfigs() : done;
}

Result<bool> Bed::writeSite() {
    for (unsigned size : kSizes)
        if (auto done = writeFile(folder_ / ("site/" + std::to_string(size) + ".txt"), std::string(size, 'x'));
            !done)
            return done;
    const std::string sqlite = folder_ / "data/lookups.sqlite";
    if (auto done = writeSqlite(sqlite); !done) return done;
    return giveTo(installed_.workers, sqlite);
}

Result<bool> Bed::writeConfigs() {
    database_port_ = ports_.next();
    // The password is in some of them, and the folder is closed to everybody but the workers' group.
    for (const Configuration& one : configurations()) {
        auto done = makeFolder(folder_ / one.run_folder);
        if (done) done = writeFile(folder_ / (one.name + ".toml"), one.text(placeFor(one)), 0640);
        if (!done) return done;
    }
    return true;
}

Place Bed::placeFor(const Configuration& configuration) {
    Place place;
    place.folder = folder_.path();
    place.port = ports_.next();
    if (configuration.routes.find("{BACKEND_PORT}") != std::string::npos) place.backend_port = ports_.next();
    place.database_port = database_port_;
    place.database_password = password_;
    place.php_cgi = installed_.php_cgi;
    return place;
}

Result<bool> Bed::startDatabase() {
    if (database_) return true;
    const Placement::Starting starting(placement_);
    auto database = Database::start(installed_, folder_, database_port_, password_);
    if (!database) return database.error();
    database_ = std::make_unique<Database>(std::move(*database));
    return true;
}

Result<bool> Bed::start(const std::vector<std::string>& names) {
    std::vector<const Configuration*> wanted;
    for (const std::string& name : names)
        if (const Configuration* one = findConfiguration(name); one != nullptr && !servers_.contains(name))
            wanted.push_back(one);
    for (const Configuration* one : wanted)
        if ((one->needs & kMariaDb) != 0)
            if (auto done = startDatabase(); !done) return done;
    const Placement::Starting starting(placement_);
    for (const Configuration* one : wanted) {
        auto server = Server::start(installed_.program, folder_.path(), *one);
        if (!server) return server.error();
        servers_.emplace(one->name, std::move(*server));
    }
    for (auto& [name, server] : servers_)
        if (auto ready = server.waitUntilReady(); !ready) return ready;
    return true;
}

void Bed::stop() { servers_.clear(); }

Result<bool> Bed::refresh() {
    stop();
    const Placement::Starting starting(placement_);
    return database_ ? database_->restart() : Result<bool>(true);
}

Server* Bed::server(const std::string& name) {
    auto found = servers_.find(name);
    return found == servers_.end() ? nullptr : &found->second;
}

}  // namespace turnpike::measure
