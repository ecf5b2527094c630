// turnpike-php - a FastCGI responder with PHP inside: initialises PHP once and forks its interpreters.
#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

#include "link_stream.h"
#include "options.h"
#include "request.h"
#include "sapi.h"
#include "scoreboard.h"
#include "zygote.h"

namespace {

using namespace turnpike::php;

// As PHP-FPM has it: scripts find them in their environment.
void nameUser() {
    const passwd* user = getpwuid(getuid());
    if (user == nullptr) return;
    setenv("USER", user->pw_name, 0);
    setenv("HOME", user->pw_dir, 0);
}

int run(const Options& options) {
    signal(SIGPIPE, SIG_IGN);  // a script may write to a connection that its peer has closed
    installStopSignals();
    blockSignals();
    nameUser();
    LinkTransport transport;
    if (!startPhp(options.php)) {
        logLine("turnpike-php: ", "PHP cannot be initialised");
        return 1;
    }
    pid_t zygote = getpid();
    Zygote children(transport, options);
    int status = children.run();
    if (getpid() == zygote) endPhp();
    return status;
}

}  // namespace

int main(int count, char** arguments) {
    int status = 1;
    try {
        status = run(parseOptions(count, arguments));
    } catch (const std::invalid_argument& error) {
        logLine("", error.what());
        status = 2;
    } catch (const std::exception& error) {
        logLine("turnpike-php: ", error.what());
    }
    std::fflush(nullptr);
    _exit(status);  // destructors of PHP's libraries have nothing left to do
}
