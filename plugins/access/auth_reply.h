// auth_reply.h - the head of a service's answer, as it comes in pieces. Pure; any thread.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnpike::access {

class AuthReply {
 public:
    /// Bytes of the head that are taken at most.
    static constexpr size_t kMost = 32768;

    enum class State : uint8_t { Incomplete, Whole, Malformed };
    State add(std::string_view bytes);

    unsigned status() const { return status_; }
    /// In the order in which they came; names in lower case.
    const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }
    /// The first of that lower-case name, or empty.
    std::string_view field(std::string_view name) const;

 private:
    bool parse(std::string_view head);

    std::string bytes_;
    unsigned status_ = 0;
    std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace turnpike::access
