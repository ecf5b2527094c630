// conversation.h - one request and its answer between a worker and the PHP inside it: what PHP reads is made from
// the request as it asks for it, what it writes goes to the client, or waits for it in memory. Loop thread only;
// its functions are called by PHP and leave nothing to a longjmp().
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "../interpreter/stream.h"
#include "sdk/fastcgi/exchange.h"
#include "sdk/fastcgi/records.h"
#include "sdk/fastcgi/services.h"

namespace turnpike::php {

class Conversation final : public Acceptor {
 public:
    explicit Conversation(const fastcgi::Services& services) : services_(services) {}

    /// `exchange.outbound.head()` holds the request's records but for its body, which is in `memory` or in file
    /// `fd`
    /// (-1: none). Both live until the answer has ended.
    void begin(fastcgi::Exchange& exchange, std::string_view memory, int fd, uint64_t size);
    /// Gives the client what it takes now of what was written.
    fastcgi::Response::Outcome deliver();
    fastcgi::BufferPool& buffers() { return buffers_; }
    /// The answer is whole; otherwise why not.
    bool hasEnded() const { return has_ended_; }
    const std::string& trouble() const { return trouble_; }

    std::unique_ptr<Stream> accept() override;

 private:
    class Side;
    size_t read(char* to, size_t size);
    size_t readBody(char* to, size_t size);
    bool write(std::string_view data);
    bool take(std::string_view piece);

    const fastcgi::Services& services_;
    fastcgi::BufferPool buffers_;
    fastcgi::LogBudget log_budget_;
    fastcgi::Decoder decoder_;
    fastcgi::Exchange* exchange_ = nullptr;
    std::string_view head_, memory_;
    std::string trouble_;
    int fd_ = -1;
    uint64_t size_ = 0, taken_ = 0;
    bool is_open_ = false, body_ended_ = false, has_ended_ = false, is_gone_ = false;
};

}  // namespace turnpike::php
