// request_fields.h - what the fields of a request mean for its framing and routing (RFC 9110 sections 7 and 10,
// RFC 9112 sections 3.2 and 6). Pure; any thread; one object reads one head.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/authority.h"
#include "http/request_head.h"
#include "http/syntax.h"
#include "sdk/http/field_line.h"

namespace turnpike::http {

/// Takes the fields in wire order, then judges them together.
class RequestFields {
 public:
    RequestFields(const HeadLimits& limits, RequestHead& head) : limits_(limits), head_(head) {}

    /// Keeps the field in head.fields unless it is the business of this connection only.
    void add(const tp_field& field);
    /// The TP_HAS_* bit of a lower-case name, 0 where it has none; nothing for the fields that frame the message,
    /// route it or belong to the connection.
    static std::optional<uint64_t> presenceOf(std::string_view name);
    /// Sets host, framing, keep_alive and expect_continue of the head, whose request line was read. `target` is
    /// the authority of an absolute-form target.
    Refusal conclude(const Authority& target);

 private:
    enum class Known : uint8_t;
    static Known classify(std::string_view name);
    static bool isEssential(std::string_view name);

    void keep(const tp_field& field);
    void addConnection(const tp_field& field);
    void addExpect(std::string_view value);
    void removeNamedFields();
    Refusal concludeHost(const Authority& target);
    Refusal concludeFraming();
    void concludeConnection();

    const HeadLimits& limits_;
    RequestHead& head_;
    tp_str host_{}, length_{}, coding_{}, upgrade_{};
    uint32_t lines_ = 0, hosts_ = 0, lengths_ = 0, codings_ = 0, connection_options_ = 0, upgrades_seen_ = 0;
    bool close_ = false, keep_alive_ = false, names_fields_ = false, upgrades_ = false, bad_connection_ = false;
    bool expects_continue_ = false, expects_other_ = false;
};

}  // namespace turnpike::http
