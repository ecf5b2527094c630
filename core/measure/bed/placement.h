// placement.h - which processors the servers under test run on and which the load does, so that neither takes the
// other's time. On a machine with one processor everything stays where it is.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace turnpike::measure {

class Placement {
 public:
    /// Of the processors that this thread may use: servers get the first `most` of them, but never the last.
    explicit Placement(size_t most = 1);

    const std::vector<unsigned>& servers() const { return servers_; }
    const std::vector<unsigned>& own() const { return own_; }
    /// From now on this thread has a processor of its own.
    void keepApart();

    /// What is started while it lives runs where the servers do.
    class Starting {
     public:
        explicit Starting(const Placement& placement);
        ~Starting();
        Starting(const Starting&) = delete;
        Starting& operator=(const Starting&) = delete;

     private:
        const Placement& placement_;
    };

 private:
    std::vector<unsigned> servers_, own_, current_;
};

/// A port of 127.0.0.1 that nobody listens on now and that Linux gives to no client.
class Ports {
 public:
    Ports();
    uint16_t next();

 private:
    uint16_t last_ = 0;
};

}  // namespace turnpike::measure
