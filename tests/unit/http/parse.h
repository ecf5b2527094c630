// parse.h - parsing a request head from a test: whole, or in any split, with a text form to compare results by.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/request_head.h"

namespace turnpike::http {

/// Owns the buffer and the fields that the head points into.
struct Parsed {
    HeadResult result{};
    RequestHead head;
    std::unique_ptr<char[]> buffer;  // exactly as large as the input, for the sanitizer
    std::vector<tp_field> fields;

    unsigned status() const { return result.state == Parse::Refused ? result.status : 0; }
    /// The value of the first field of that name, "(none)" without one.
    std::string field(std::string_view name) const {
        for (size_t i = 0; i < head.field_count; ++i) {
            const tp_field& f = head.fields[i];
            if (std::string_view(f.name.ptr, f.name.len) == name) return {f.value.ptr, f.value.len};
        }
        return "(none)";
    }
    /// All that a caller can see of the result.
    std::string describe() const;
};

/// Gives the parser `ends[0]` bytes, then `ends[1]` and so on, as a connection would, until it decides.
inline Parsed parseSplit(std::string_view input, const std::vector<size_t>& ends, const HeadLimits& limits = {}) {
    Parsed parsed;
    parsed.fields.resize(limits.fields);
    parsed.head.fields = parsed.fields.data();
    size_t seen = 0;
    for (const size_t end : ends) {
        auto grown = std::make_unique<char[]>(end);  // as a connection's buffer moves when it grows
        for (size_t i = 0; i < end; ++i) grown[i] = i < seen ? parsed.buffer[i] : input[i];
        parsed.buffer = std::move(grown);
        parsed.result = parseRequestHead(parsed.buffer.get(), end, seen, limits, parsed.head);
        if (parsed.result.state != Parse::Incomplete) return parsed;
        seen = end;
    }
    return parsed;
}

inline Parsed parse(std::string_view input, const HeadLimits& limits = {}) {
    return parseSplit(input, {input.size()}, limits);
}

inline std::vector<size_t> everyByte(size_t size) {
    std::vector<size_t> ends;
    for (size_t i = 1; i <= size; ++i) ends.push_back(i);
    return ends;
}

inline std::string Parsed::describe() const {
    std::string text = "state " + std::to_string(static_cast<int>(result.state));
    if (result.state == Parse::Refused) return text + " " + std::to_string(result.status) + " " + result.reason;
    if (result.state == Parse::Incomplete) return text;
    const auto add = [&text](std::string_view name, std::string_view value) {
        text.append("\n").append(name).append("=").append(value);
    };
    add("consumed", std::to_string(result.consumed));
    add("method", std::to_string(head.method));
    add("name", head.method_name);
    add("target", head.target);
    add("path", head.path);
    add("query", head.query);
    add("host", head.host);
    add("minor", std::to_string(head.minor_version));
    add("flags", std::to_string(head.keep_alive) + std::to_string(head.expect_continue) +
                     std::to_string(head.chunked) + std::to_string(head.https) +
                     std::to_string(head.takes_trailers));
    add("length", std::to_string(head.content_length));
    add("present", std::to_string(head.present));
    for (size_t i = 0; i < head.field_count; ++i) {
        const tp_field& f = head.fields[i];
        add({f.name.ptr, f.name.len}, {f.value.ptr, f.value.len});
    }
    return text;
}

}  // namespace turnpike::http
