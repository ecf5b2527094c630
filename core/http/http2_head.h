// http2_head.h - the field sections of HTTP/2 requests: pseudo-header fields, the rules of RFC 9113 section 8, and
// the same judgement of the fields as in HTTP/1.1. Memory comes from the caller's arena. Any thread; one object
// for one connection, whose field sections never interleave (RFC 9113 section 4.3).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "http/request_fields.h"
#include "http/request_head.h"

namespace turnpike::http {

/// What became of a field section.
struct Http2Verdict {
    enum class Kind : uint8_t {
        Good,
        Malformed,  // a stream error, PROTOCOL_ERROR (RFC 9113 section 8.1.1)
        Refused     // `status` is the answer
    };
    Kind kind = Kind::Good;
    unsigned status = 0;
    const char* reason = "";  // static text for the log
};

class Http2Head {
 public:
    explicit Http2Head(const HeadLimits& limits) : limits_(limits) {}

    /// The fields of a request come now. `head.fields` has room for HeadLimits::fields; names and values are
    /// copied into `arena`, and the head's views point there.
    void begin(Arena& arena, RequestHead& head);
    /// Trailers come now: they are checked and dropped.
    void beginTrailers();
    /// One field, as it was decoded. The size of all is counted whatever becomes of them: a small block may stand
    /// for a very large list.
    void add(std::string_view name, std::string_view value);
    /// `ends`: no body or nothing more follows.
    Http2Verdict conclude(bool ends);
    /// The fields were larger than HeadLimits::total.
    bool isOversized() const { return size_ > limits_.total; }

 private:
    struct Pseudo {
        std::string_view method, scheme, authority, path;
        uint8_t seen = 0;
    };

    void malformed(const char* reason);
    void refuse(unsigned status, const char* reason);
    bool isOpen() const { return verdict_.kind == Http2Verdict::Kind::Good; }
    void addPseudo(std::string_view name, std::string_view value);
    void addField(std::string_view name, std::string_view value);
    void addCookie(std::string_view value);
    std::string_view copy(std::string_view text);
    Http2Verdict concludeTrailers(bool ends) const;
    void concludePseudo();
    void concludeTarget();
    void concludeFields(bool ends);

    const HeadLimits limits_;
    Arena* arena_ = nullptr;  // null: trailers
    RequestHead* head_ = nullptr;
    std::optional<RequestFields> fields_;
    Pseudo pseudo_;
    Http2Verdict verdict_;
    size_t size_ = 0, crumbs_ = 0;
    bool has_fields_ = false, has_host_ = false;
    std::string cookie_;  // its crumbs, joined
};

}  // namespace turnpike::http
