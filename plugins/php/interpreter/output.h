// output.h - one answer on its way to the worker: PHP's output gathered into STDOUT records, its messages as
// STDERR records, and the END_REQUEST.
//
// Threads: none. Ownership: borrows the stream between begin() and end() or drop(). No function throws, allocates
// or calls PHP, since PHP leaves the callers of some of them with longjmp().
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fcgi_input.h"
#include "stream.h"

namespace turnpike::php {

class Output {
 public:
    void begin(Stream& stream, uint16_t id);
    /// Takes all of it, or false: the worker is gone, or the answer has ended.
    bool put(std::string_view data);
    /// Sends what is gathered and wakes the worker. False as for put().
    bool flush();
    /// One line for the server's error log, sent at once; `prefix` is a short literal. False as for put(); nothing
    /// was sent then.
    bool log(std::string_view prefix, std::string_view message);
    /// Sends the rest and END_REQUEST.
    bool end(uint32_t app_status);
    /// Forgets the stream.
    void drop() { stream_ = nullptr; }
    bool isOpen() const { return stream_ != nullptr; }
    /// How often output has left for the worker.
    size_t sends() const { return sends_; }

 private:
    static constexpr size_t kCapacity = 16384;
    static constexpr size_t kEndRecord = 16;
    // The largest multiple of 8 that fits, so that no record needs padding.
    static constexpr size_t kMaxContent = 65528;

    void header(char* to, uint8_t type, size_t length) const;
    bool send();
    bool sendLarge(std::string_view& data);

    Stream* stream_ = nullptr;
    uint16_t id_ = 0;
    size_t used_ = 0;  // of the content
    size_t sends_ = 0;
    char buffer_[kRecordHeader + kCapacity + kEndRecord];
};

}  // namespace turnpike::php
