// terminal.h - whether somebody watches.
#pragma once

namespace turnpike::os {

bool isTerminal(int fd);

}  // namespace turnpike::os
