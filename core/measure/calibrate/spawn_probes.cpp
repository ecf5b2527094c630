// Programs that are started, do next to nothing, and are waited for: as the server starts those of CGI.
#include <memory>

#include "measure/calibrate/probes.h"
#include "measure/calibrate/programs.h"
#include "os/file.h"
#include "os/local.h"
#include "os/process.h"

namespace turnpike::measure {
namespace {

using os::Class;

Result<bool> runOnce(const std::vector<const char*>& argv, int null) {
    const char* const env[] = {nullptr};
    os::Program program;
    program.argv = argv.data();
    program.env = env;
    program.stdin_fd = program.stdout_fd = program.stderr_fd = null;
    const os::Started started = os::start(program);
    if (started.error != 0) return Error{started.error, std::string(argv[0]) + " cannot be started"};
    os::Ended ended{};
    os::waitFor(started.pid, &ended);
    if (ended.status != 0)
        return Error{EIO, std::string(argv[0]) + " ended with " + os::describeStatus(ended.status)};
    return true;
}

void addSpawn(Probes& to, const std::string& name, std::vector<std::string> command) {
    auto null = std::make_shared<os::Fd>(os::open("/dev/null", O_RDWR, 0, Class::File), Class::File);
    to.ready.push_back({name, [null, command = std::move(command)](uint64_t repeats) -> Result<double> {
                            const std::vector<const char*> argv = argumentsOf(command);
                            Result<bool> good = true;
                            auto took = medianNs(repeats, [&] {
                                good = runOnce(argv, null->get());
                                return static_cast<bool>(good);
                            });
                            if (!good) return good.error();
                            return took;
                        }});
}

void addIfThere(Probes& to, const std::string& name, const std::string& program, const std::string& missing) {
    if (os::exists(program))
        addSpawn(to, name, {program});
    else
        to.leaveOut(name, missing);
}

}  // namespace

void addSpawnProbes(Probes& to, const std::string& folder) {
    addIfThere(to, "spawn_dynamic", folder + "/noop_dynamic", folder + "/noop_dynamic is not installed");
    addIfThere(to, "spawn_static", folder + "/noop_static",
               folder + "/noop_static is not installed: it is built where the C library can be linked statically");
    const std::string php = findProgram("php-cgi");
    if (php.empty())
        to.leaveOut("spawn_php_cgi", "php-cgi is not installed (Debian, Ubuntu: apt install php-cgi)");
    else
        addSpawn(to, "spawn_php_cgi", {php, "-n"});  // an empty script from standard input
}

}  // namespace turnpike::measure
