// outside_count.h - the crossings of a worker as somebody outside sees them: every call is put into the class that
// its descriptor belongs to. It knows the kernel's calls and nothing of the ledger.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "trace.h"

namespace turnpike::truth {

/// Calls that libc makes on its own account, for memory and threads; no wrapper of ours could count them.
const std::set<std::string>& libcCalls();

/// Sums of what happened between two marks.
struct Count {
    ledger::Account account;  // event_milli: parts of waits that connections and backends were the reason for
    std::vector<std::string> unexplained;
};

class OutsideCount {
 public:
    /// `port`: where the server listens; `logs`: files that are logs.
    OutsideCount(uint16_t port, std::set<std::string> logs);

    /// In the order of the trace, from its beginning: descriptors are known by what made them.
    void add(const Call& call, Count& to);

 private:
    using Class = ledger::Class;
    enum class Found : uint8_t { Class, Libc, Unknown };

    Found classify(const Call& call, Class* c);
    bool classifyMemory(const Call& call, Class* c);
    bool givesDescriptors(const Call& call) const;
    bool classifyByName(const Call& call, Class* c);
    bool splicesOut(const Call& call) const;
    bool classifyByDescriptor(const Call& call, Class* c);
    void learn(const Call& call);
    void unwatch(int fd);
    void share(const Call& call, Count& to);

    std::string client_;  // how the text of a client's connection begins
    std::set<std::string> logs_;
    std::map<int, Class> known_;            // descriptors whose maker was seen
    std::set<int64_t> maps_;                // of memory that is shared with a backend
    std::set<int> spawners_;                // channels that descriptors or batches went through
    std::map<std::string, Class> watched_;  // by epoll data
    std::map<int, std::string> data_of_;    // epoll data by descriptor
};

}  // namespace turnpike::truth
