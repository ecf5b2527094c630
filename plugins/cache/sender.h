// sender.h - stored answers on their way to clients. Loop thread of one worker.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sdk/plugin.hpp"
#include "visit.h"

namespace turnpike::cache {

class Sender {
 public:
    explicit Sender(const tp_host& host) : host_(host) {}

    /// Answers from the store: 200 or what it was, 304, 206 or 416 (RFC 9110 sections 13 and 14). TP_DECLINED:
    /// what was found is there no more, and nothing was begun. `status`: for Cache-Status.
    tp_verdict answer(tp_request* request, const Match& match, uint64_t now_ns, const std::string& status);
    /// The client takes more.
    void go(tp_request* request) noexcept;
    void forget(tp_request* request) { transfers_.erase(request); }
    bool isSending(tp_request* request) const { return transfers_.contains(request); }

    /// An answer without a body.
    tp_verdict empty(tp_request* request, uint32_t status, std::span<const tp_field> fields);
    /// The one whose head is leaving just now because of this.
    const tp_request* answering() const { return answering_; }

 private:
    /// Larger bodies are copied piece by piece, as the client takes them.
    static constexpr uint64_t kWhole = uint64_t{256} << 10, kPiece = uint64_t{64} << 10;
    static constexpr uint64_t kLeaseNs = 60'000'000'000, kRenewNs = 10'000'000'000;

    struct Transfer {
        Tier* tier;
        Found found;
        uint64_t at, end;  // of label, fields and body together
        uint64_t renew_ns;
        std::string piece;
    };
    struct Reply;
    static void narrow(Reply& reply, const tp_request_view& view, const Found& found);
    tp_verdict reply(tp_request* request, const Match& match, const Reply& reply, uint64_t now_ns);
    tp_verdict whole(tp_request* request, const Match& match, const Reply& reply, uint64_t at);
    tp_verdict pump(tp_request* request, Transfer& transfer);

    const tp_host& host_;
    std::unordered_map<tp_request*, Transfer> transfers_;
    const tp_request* answering_ = nullptr;
};

}  // namespace turnpike::cache
