// load.h - clients that ask all the time, on kept and on new connections, look at every byte of every answer and
// remember what was not right.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/raw_client.h"

namespace turnpike::e2e {

/// An answer that was not as it should be.
struct Miss {
    std::string what;    // "refused", "cut" or what the answer was
    std::string before;  // the body of the last good answer on this connection; empty: it was the first
};

class Load {
 public:
    struct Page {
        std::string path;
        std::function<bool(const Answer&)> is_right;
    };
    /// `kept` clients use a connection as long as the server lets them, `fresh` ones a new one for each request.
    Load(uint16_t port, std::vector<Page> pages, unsigned kept, unsigned fresh);
    ~Load();

    /// Ends after the requests that are on their way.
    void finish();
    uint64_t good() const { return good_; }
    /// More good answers than now have come, and every client has had an answer since: so no request outlives two
    /// faults that this is called between. False: not within ten seconds.
    bool goesOn(uint64_t more = 20) const;
    std::vector<Miss> misses() const;
    /// The same, for a message.
    std::string report() const;

 private:
    void keepAsking(unsigned client);
    void askAnew(unsigned client);
    bool judge(unsigned client, const Page& page, const Answer& answer, const std::string& before);
    void miss(const std::string& what, const std::string& before);
    std::vector<uint64_t> answered() const;

    uint16_t port_;
    std::vector<Page> pages_;
    std::atomic<bool> done_ = false;
    std::atomic<uint64_t> good_ = 0;
    mutable std::mutex guard_;
    std::vector<Miss> misses_;
    std::vector<std::atomic<uint64_t>> answers_;  // of each client, right or wrong
    std::vector<std::thread> clients_;
};

/// A page whose answer must be exactly this.
Load::Page exactly(const std::string& path, const std::string& body);

}  // namespace turnpike::e2e
