// signals.h - signals as descriptors: no handler runs, so nothing is interrupted at a bad moment.
#pragma once
#include <csignal>
#include <initializer_list>

#include "base/result.h"
#include "os/fd.h"

namespace turnpike::os {

/// Blocks `signals` and gives a descriptor that is readable when one of them is pending.
Result<Fd> watchSignals(std::initializer_list<int> signals);
/// The next pending signal, 0: none.
int nextSignal(int fd);
/// Ignores `signals` and blocks nothing any more: for a forked process that takes its orders by channel.
void ignoreSignals(std::initializer_list<int> signals);

}  // namespace turnpike::os
