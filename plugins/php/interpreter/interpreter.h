// interpreter.h - one child of the zygote: answers requests until it is told to end or shall be replaced.
#pragma once
#include "options.h"
#include "scoreboard.h"
#include "stream.h"

namespace turnpike::php {

/// The life of the process after its fork; returns its exit status. `number`: of its slot.
int interpret(Acceptor& acceptor, Scoreboard& board, unsigned number, const Options& options);

}  // namespace turnpike::php
