#include "sender.h"

#include <algorithm>

#include "clock.h"
#include "head.h"
#include "sdk/support/conditional.h"
#include "sdk/support/lists.h"
#include "sdk/support/ranges.h"
#include "tier.h"

namespace turnpike::cache {
namespace {

// What a 304 says again (RFC 9110 section 15.4.5).
constexpr std::string_view kConfirmed[] = {"cache-control", "content-location", "etag",
                                           "expires",       "last-modified",    "vary"};

bool isConfirmed(const tp_field& field) {
    return std::ranges::any_of(kConfirmed,
                               [&](auto name) { return support::equalsLower(text(field.name), name); });
}

support::Validators validatorsOf(std::span<const tp_field> fields, const Terms& terms) {
    support::Validators validators{{}, terms.modified_s};
    for (const tp_field& field : fields)
        if (support::equalsLower(text(field.name), "etag")) validators.etag = support::trim(text(field.value));
    return validators;
}

tp_verdict verdictOf(int32_t sent) { return sent == TP_WAIT ? TP_PENDING : TP_DONE; }

}  // namespace

/// What of the stored answer is sent.
struct Sender::Reply {
    uint32_t status;
    std::vector<tp_field> fields;
    uint64_t first = 0, size = 0;  // of the body
    bool is_head = false;          // nothing of it leaves
    std::string content_range = {};
};

/// The conditions and the range that the client asks for.
void Sender::narrow(Reply& reply, const tp_request_view& view, const Found& found) {
    const support::Validators validators = validatorsOf(reply.fields, found.terms);
    if (support::checkPreconditions(view, validators) == support::Precondition::NotModified) {
        std::erase_if(reply.fields, [](const tp_field& field) { return !isConfirmed(field); });
        reply.status = 304;
        reply.size = 0;
        return;
    }
    if (!support::isRangeWanted(view, validators)) return;
    const support::RangeSet set = support::parseRanges(field(view, "range"), found.body_size);
    const std::string of = "/" + std::to_string(found.body_size);
    if (set.answer == support::RangeAnswer::Unsatisfiable) {
        reply = {416, {}, 0, 0, false, "bytes *" + of};
    } else if (set.answer == support::RangeAnswer::Partial && set.count == 1) {
        const support::ByteRange range = set.ranges[0];
        reply.status = 206;
        reply.first = range.first;
        reply.size = range.size();
        reply.content_range = "bytes " + std::to_string(range.first) + "-" + std::to_string(range.last) + of;
    }
}

tp_verdict Sender::empty(tp_request* request, uint32_t status, std::span<const tp_field> fields) {
    answering_ = request;
    const bool is_begun = host_.start(request, status, fields.data(), fields.size(), 0) >= 0;
    const int32_t sent = is_begun ? host_.send(request, nullptr, 0, TP_LAST) : TP_GONE;
    answering_ = nullptr;
    return is_begun ? verdictOf(sent) : TP_FAILED;
}

tp_verdict Sender::answer(tp_request* request, const Match& match, uint64_t now_ns, const std::string& status) {
    const Found& found = match.found;
    std::string head(found.label_size + found.fields_size, '\0');
    if (!match.tier->store.read(found, 0, head.size(), head.data())) return TP_DECLINED;
    const tp_request_view& view = *host_.view(request);
    Reply reply{found.terms.status, unpacked(std::string_view(head).substr(found.label_size)), 0, found.body_size,
                view.method_id == TP_METHOD_HEAD};
    const std::string age = std::to_string(found.terms.ageAt(now_ns) / 1000);
    if (reply.status == 200) narrow(reply, view, found);
    if (!reply.content_range.empty()) reply.fields.push_back({str("content-range"), str(reply.content_range)});
    reply.fields.push_back({str("age"), str(age)});
    reply.fields.push_back({str("cache-status"), str(status)});
    answering_ = request;
    const tp_verdict verdict = this->reply(request, match, reply, now_ns);
    answering_ = nullptr;
    return verdict;
}

tp_verdict Sender::reply(tp_request* request, const Match& match, const Reply& reply, uint64_t now_ns) {
    const uint64_t at = uint64_t{match.found.label_size} + match.found.fields_size + reply.first;
    const auto length = static_cast<int64_t>(reply.size);
    if (reply.is_head || reply.size == 0) {
        if (host_.start(request, reply.status, reply.fields.data(), reply.fields.size(), length) < 0)
            return TP_FAILED;
        return verdictOf(host_.send(request, nullptr, 0, TP_LAST));
    }
    if (reply.size <= kWhole) return whole(request, match, reply, at);
    if (!match.tier->store.lease(match.found, now_ns + kLeaseNs)) return TP_DECLINED;
    if (host_.start(request, reply.status, reply.fields.data(), reply.fields.size(), length) < 0) return TP_FAILED;
    Transfer& transfer = transfers_[request];
    transfer = {match.tier, match.found, at, at + reply.size, now_ns + kRenewNs, {}};
    return pump(request, transfer);
}

tp_verdict Sender::whole(tp_request* request, const Match& match, const Reply& reply, uint64_t at) {
    std::string body(reply.size, '\0');
    if (!match.tier->store.read(match.found, at, body.size(), body.data())) return TP_DECLINED;
    const auto length = static_cast<int64_t>(reply.size);
    if (host_.start(request, reply.status, reply.fields.data(), reply.fields.size(), length) < 0) return TP_FAILED;
    Transfer& transfer = transfers_[request];
    transfer = {match.tier, match.found, 0, 0, 0, std::move(body)};
    const tp_str part = str(transfer.piece);
    const int32_t sent = host_.send(request, &part, 1, TP_LAST);
    if (sent != TP_WAIT) transfers_.erase(request);
    return verdictOf(sent);
}

tp_verdict Sender::pump(tp_request* request, Transfer& transfer) {
    int32_t sent = TP_SENT;
    while (sent == TP_SENT && transfer.at < transfer.end) {
        const uint64_t now = nowFor(*host_.view(request));
        const bool is_renewed =
            now < transfer.renew_ns || transfer.tier->store.lease(transfer.found, now + kLeaseNs);
        if (now >= transfer.renew_ns) transfer.renew_ns = now + kRenewNs;
        transfer.piece.resize(std::min(kPiece, transfer.end - transfer.at));
        if (!is_renewed || !transfer.tier->store.read(transfer.found, transfer.at, transfer.piece.size(),
                                                      transfer.piece.data())) {
            host_.fail(request, 502, str("the stored answer was given up while a client took it too slowly"));
            return TP_PENDING;
        }
        transfer.at += transfer.piece.size();
        const tp_str part = str(transfer.piece);
        sent = host_.send(request, &part, 1, transfer.at == transfer.end ? TP_LAST : 0);
    }
    return verdictOf(sent);
}

void Sender::go(tp_request* request) noexcept {
    const auto found = transfers_.find(request);
    if (found != transfers_.end() && found->second.at < found->second.end) pump(request, found->second);
}

}  // namespace turnpike::cache
