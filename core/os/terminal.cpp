#include "os/terminal.h"

#include <unistd.h>

#include "os/call.h"

namespace turnpike::os {

bool isTerminal(int fd) {
    return call(ledger::Class::Event, false, [&] { return ::isatty(fd) == 1 ? 0 : -1; }) == 0;
}

}  // namespace turnpike::os
