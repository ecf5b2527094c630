// fcgi_input.h - a request as a worker sends it, FastCGI 1.0 as a responder hears it. Pure: bytes in, events
// out; no I/O, no PHP.
//
// Threads: none. Ownership: `data` of an event points into the input that was given.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "params.h"

namespace turnpike::php {

inline constexpr size_t kRecordHeader = 8;

struct InputEvent {
    enum class Kind : uint8_t {
        NeedMore,  // the input is used up
        Request,   // its parameters are complete: see Input::params()
        Body,      // `data` is a piece of the body, never empty
        BodyEnd,
        Abort,  // the worker's client has left
        Bad,    // see Input::cause(); close the connection
    };
    Kind kind = Kind::NeedMore;
    std::string_view data{};
};

/// One request, in pieces of any size. The same bytes give the same events whatever the pieces,
/// except that a body may come in more or fewer slices.
class Input {
 public:
    /// The next event; takes its bytes off `input`. After Bad there is nothing more.
    InputEvent next(std::string_view& input);
    /// Another request follows.
    void restart();
    /// Whether the worker says in these bytes, which follow what next() took, that its client has left.
    bool announcesAbort(std::string_view ahead) const;

    Params& params() { return params_; }
    /// Of the request; every record of the answer carries it.
    uint16_t id() const { return id_; }
    /// Whether the connection stays open after the answer.
    bool keepsConnection() const { return keep_; }
    bool bodyEnded() const { return phase_ == Phase::Answer; }
    const std::string& cause() const { return cause_; }

 private:
    enum class Phase : uint8_t { Begin, Params, Body, Answer, Broken };
    struct Header {
        uint8_t type = 0, padding = 0;
        uint16_t id = 0, content = 0;
    };

    bool takeHeader(std::string_view& input);
    InputEvent onHeader();
    InputEvent onRequestRecord();
    InputEvent onEmpty();
    InputEvent takeContent(std::string_view& input);
    InputEvent takeBegin(std::string_view& input);
    InputEvent endParams();
    void skip(std::string_view& input);
    InputEvent refuse(std::string why);
    static Header parse(const unsigned char* bytes);

    unsigned char bytes_[kRecordHeader] = {};  // of a header, or the body of BEGIN_REQUEST
    uint8_t have_ = 0;                         // of bytes_
    uint16_t content_ = 0;                     // bytes of the record's content that are still to come
    uint16_t skip_ = 0;                        // bytes of padding to come after that
    Header header_;
    Phase phase_ = Phase::Begin;
    uint16_t id_ = 0;
    bool keep_ = false;
    std::string stream_;  // of PARAMS
    Params params_;
    std::string cause_;
};

}  // namespace turnpike::php
