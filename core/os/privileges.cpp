#include "os/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstring>

#include "os/call.h"

namespace turnpike::os {
namespace {
constexpr auto kClass = ledger::Class::Spawn;

template <class F>
Result<bool> attempt(const char* what, F f) {
    auto done = call(kClass, false, f);
    if (done < 0)
        return Error{static_cast<int>(-done), std::string(what) + ": " + std::strerror(static_cast<int>(-done))};
    return true;
}

Result<gid_t> findGroup(const std::string& name) {
    errno = 0;
    const group* found = ::getgrnam(name.c_str());
    if (found == nullptr) return Error{ENOENT, "there is no group \"" + name + "\" on this system"};
    return found->gr_gid;
}

std::vector<gid_t> groupsOf(const std::string& user, gid_t gid) {
    int count = 64;
    std::vector<gid_t> groups(static_cast<size_t>(count));
    if (::getgrouplist(user.c_str(), gid, groups.data(), &count) < 0) {
        groups.resize(static_cast<size_t>(count));
        ::getgrouplist(user.c_str(), gid, groups.data(), &count);
    }
    groups.resize(static_cast<size_t>(count));
    return groups;
}

Result<bool> verify(const Identity& who) {
    uid_t r, e, s;
    gid_t rg, eg, sg;
    if (::getresuid(&r, &e, &s) != 0 || ::getresgid(&rg, &eg, &sg) != 0) return Error{errno, "getresuid failed"};
    if (r != who.uid || e != who.uid || s != who.uid || rg != who.gid || eg != who.gid || sg != who.gid)
        return Error{EPERM, "the kernel did not change the user and group as asked"};
    if (who.uid != 0 && ::setuid(0) == 0) return Error{EPERM, "root could be regained after giving it up"};
    return true;
}
}  // namespace

Result<Identity> findIdentity(const std::string& user, const std::string& group) {
    const passwd* found = ::getpwnam(user.c_str());
    if (found == nullptr) return Error{ENOENT, "there is no user \"" + user + "\" on this system"};
    Identity who{found->pw_uid, found->pw_gid, {}};
    if (!group.empty()) {
        auto gid = findGroup(group);
        if (!gid) return gid.error();
        who.gid = *gid;
    }
    who.groups = groupsOf(user, who.gid);
    return who;
}

Identity ownIdentity() { return {::geteuid(), ::getegid(), {}}; }

bool isRoot() { return ::geteuid() == 0; }

Result<bool> assume(const Identity& who) {
    auto done = attempt("setgroups", [&] { return ::setgroups(who.groups.size(), who.groups.data()); });
    if (done) done = attempt("setresgid", [&] { return ::setresgid(who.gid, who.gid, who.gid); });
    if (done) done = attempt("setresuid", [&] { return ::setresuid(who.uid, who.uid, who.uid); });
    if (!done) return done;
    return verify(who);
}

Result<bool> forbidDumps() {
    return attempt("PR_SET_DUMPABLE", [] { return ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); });
}

Result<bool> lockDown() {
    auto done = attempt("PR_SET_NO_NEW_PRIVS", [] { return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); });
    return done ? forbidDumps() : done;
}

}  // namespace turnpike::os
