// upload.h - a request on its way to an upstream: the bytes that are there, and how many of them were written. The
// first of them are kept for as long as they are few, so that another upstream can be asked. Loop thread only.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "sdk/services.h"

namespace turnpike::proxy {

class Upload {
 public:
    /// Hungry: all that is here of a body is written.
    enum class Progress : uint8_t { Done, Blocked, Hungry, Failed };
    enum class Coding : uint8_t { None, Plain, Chunked };  // None: there is no body

    /// The head, to be written before start().
    std::string& head() { return bytes_; }
    void start(Coding coding) {
        coding_ = coding;
        has_ended_ = coding == Coding::None;
    }
    /// The next part of the body. Only while Hungry, or before the first flush().
    void feed(std::string_view part, bool is_last);
    /// From here on bytes pass as they are, until a last one.
    void becomeTunnel();
    /// The next part is needed, or soon will be.
    bool isHungry() const { return at_ == bytes_.size() && !has_ended_; }
    bool isDone() const { return at_ == bytes_.size() && has_ended_; }
    /// Back to the first byte, for another connection.
    bool canRewind() const { return !was_let_go_; }
    void rewind() {
        at_ = 0;
        was_touched_ = false;
    }
    Progress flush(const tp_io& io, tp_request* payer, int fd);
    /// errno, after Failed.
    int error() const { return error_; }
    /// The upstream cannot have seen any of it.
    bool isUntouched() const { return !was_touched_; }
    void reset();

 private:
    static constexpr size_t kKept = 65536;

    void makeRoom();

    std::string bytes_;
    size_t at_ = 0;  // of bytes_: written
    Coding coding_ = Coding::None;
    int error_ = 0;
    bool has_ended_ = true, was_let_go_ = false, was_touched_ = false;
};

}  // namespace turnpike::proxy
