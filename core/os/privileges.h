// privileges.h - who a process is, and how it gives that up for good. For start-up; nothing here is undone.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace turnpike::os {

struct Identity {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;  // supplementary
    bool operator==(const Identity&) const = default;
};

/// From the system's user database; `group` empty: the user's own.
Result<Identity> findIdentity(const std::string& user, const std::string& group);
/// Who the process is now.
Identity ownIdentity();
bool isRoot();

/// Becomes `who`: groups, gid, uid, real, effective and saved, and checks that there is no way back to root.
Result<bool> assume(const Identity& who);
/// No core file of this process is written, and nobody of the same user may read its memory: for one that holds
/// keys. A program that it runs is free of that again.
Result<bool> forbidDumps();
/// No program that this process runs gains privileges; nobody of the same user may trace it or read its memory.
Result<bool> lockDown();

}  // namespace turnpike::os
