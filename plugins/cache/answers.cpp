// The way out: what becomes of the answers of others.
#include <algorithm>
#include <utility>

#include "clock.h"
#include "head.h"
#include "key.h"
#include "label.h"
#include "sdk/support/lists.h"
#include "worker.h"

namespace turnpike::cache {
namespace {

std::span<const tp_field> fieldsOf(const tp_response_view& answer) { return {answer.fields, answer.field_count}; }

/// What a stored answer may stand in for (RFC 5861 section 4).
bool isError(uint32_t status) { return status == 500 || (status >= 502 && status <= 504); }

/// Whether a 304 speaks of that stored answer (RFC 9111 section 4.3.4).
bool isConfirmed(std::span<const tp_field> stored, std::span<const tp_field> confirming) {
    const std::string_view tag = valueOf(confirming, "etag");
    if (!tag.empty()) return tag == valueOf(stored, "etag");
    const std::string_view modified = valueOf(confirming, "last-modified");
    return !modified.empty() && modified == valueOf(stored, "last-modified") && valueOf(stored, "etag").empty();
}

/// Whether the fields of an answer say what the stored one says, as far as both have validators. Tags are the same
/// without their strength: a filter on the way may have made one of them weak.
enum class Likeness : uint8_t { Unknown, Same, Other };
Likeness likeness(std::span<const tp_field> stored, std::span<const tp_field> said) {
    const auto opaque = [](std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; };
    const std::string_view tag = opaque(valueOf(said, "etag")), kept_tag = opaque(valueOf(stored, "etag"));
    const std::string_view date = valueOf(said, "last-modified"), kept_date = valueOf(stored, "last-modified");
    if (!tag.empty() && !kept_tag.empty()) return tag == kept_tag ? Likeness::Same : Likeness::Other;
    if (date.empty() || kept_date.empty()) return Likeness::Unknown;
    return date == kept_date ? Likeness::Same : Likeness::Other;
}

/// Whether the site says that its answer may be another without the cookies of this request (RFC 9111
/// section 4.1).
bool variesByCookies(const tp_request_view& view, std::string_view vary) {
    return (view.present & TP_HAS_COOKIE) != 0 && doesName(vary, "cookie");
}

std::string withStatus(std::string status, const Stored& stored) {
    return stored.refused != nullptr ? status.append("; detail=").append(stored.refused)
                                     : status.append("; stored");
}

}  // namespace

// What is read of the answer is read before the first field is set: that may move it.
void Worker::onResponse(tp_request* request) noexcept {
    if (sender_.answering() == request) return;
    const tp_response_view& answer = *host_.response(request);
    bool has_tags = false;
    for (const tp_field& field : fieldsOf(answer)) has_tags = has_tags || isTagField(text(field.name));
    const auto found = visits_.find(request);
    if (found != visits_.end()) {
        Visit& visit = found->second;
        if (visit.kind == Visit::Kind::Changes) change(request, visit, answer);
        if (visit.kind == Visit::Kind::Brings) take(request, visit, answer);
        const tp_str status = str(visit.status);
        host_.set_field(request, str("cache-status"), &status);
    }
    if (has_tags)
        for (const std::string_view name : kTagFields) host_.set_field(request, str(name), nullptr);
}

/// RFC 9111 section 4.4.
void Worker::change(tp_request* request, const Visit& visit, const tp_response_view& answer) {
    if (answer.status < 200 || answer.status >= 400) return;
    const tp_request_view& view = *host_.view(request);
    const uint64_t now = nowFor(view);
    std::vector<Hash> changed = {visit.primary};
    for (const std::string_view name : {"location", "content-location"})
        if (const auto key = keyOfReference(view, valueOf(fieldsOf(answer), name)))
            changed.push_back(hashOf(key_, *key));
    for (const Hash& primary : changed) remove(primary, now);
}

void Worker::remove(const Hash& primary, uint64_t now_ns) {
    for (const auto& tier : tiers_) tier->store.remove(primary, now_ns);
}

void Worker::take(tp_request* request, Visit& visit, const tp_response_view& answer) {
    const tp_request_view& view = *host_.view(request);
    if (answer.status == 304 && confirm(request, visit, answer)) return endTurn(visit);
    if (isError(answer.status) && view.background_of != 0) return tellFailure(request, visit, answer);
    if (isError(answer.status) && replace(request, visit, answer)) return endTurn(visit);
    forgetQuestion(visit);
    visit.status += "; fwd-status=" + std::to_string(answer.status);
    if (view.method_id == TP_METHOD_HEAD) return compare(request, visit, answer);
    if (view.method_id != TP_METHOD_GET || visit.asked.no_store) return;
    const bool is_authorized = isKnown(view);
    const Stored stored = mayStore(answer.status, fieldsOf(answer), is_authorized, settings_.defaults,
                                   {view.received_ns, view.received_unix_ms});
    collect(request, visit, answer, stored);
}

/// Nobody gets it: what is stored stays, and is sent as long as it may be. The turn is over with the request.
void Worker::tellFailure(tp_request* request, Visit& visit, const tp_response_view& answer) {
    const std::string told = "a stored answer was not renewed: status " + std::to_string(answer.status);
    host_.log_request(request, TP_LOG_WARN, str(told));
    forgetQuestion(visit);
}

void Worker::collect(tp_request* request, Visit& visit, const tp_response_view& answer, const Stored& stored) {
    const auto vary = varyOf(fieldsOf(answer));
    const uint64_t most = tiers_.back()->most();
    const bool is_large = answer.length > 0 && static_cast<uint64_t>(answer.length) > most;
    if (stored.refused != nullptr || !vary || vary->size() > kMostVary || is_large) {
        const char* why = stored.refused != nullptr ? stored.refused : is_large ? "size" : "vary";
        // A part and an answer about what the client has say nothing of others, nor do errors.
        if (answer.status < 500 && answer.status != 206 && answer.status != 304) {
            const uint64_t now = nowFor(*host_.view(request));
            // Or what was stored before would be sent once more: as stale, or to who does not ask for a new one.
            if (!stored.is_for_one && (visit.has_turn || visit.stale)) remove(visit.primary, now);
            if (visit.has_turn) tiers_.front()->store.pass(visit.primary, now + kPassMs * 1'000'000);
        }
        visit.status = withStatus(std::move(visit.status), {why, false, {}});
        const bool has_failed = answer.status >= 500 && host_.view(request)->background_of != 0;
        return has_failed ? void() : endTurn(visit);
    }
    const tp_request_view& view = *host_.view(request);
    if (variesByCookies(view, *vary)) return askWithoutCookies(request, visit, *vary);
    visit.vary = *vary;
    visit.insertion = {
        visit.primary, hashOf(key_, variantOf(view, visit.vary)), {}, stored.terms, visit.notices, 0};
    visit.label = labelWith(labelOf(view), fieldsOf(answer));
    visit.fields = packed(fieldsOf(answer));
    visit.declared = answer.length;
    visit.is_collected = true;
    visit.status = withStatus(std::move(visit.status), stored);
    responses_.watch_body(request);
}

/// The config calls these cookies harmless, the site does not: what others get is made without any, by a request
/// of the cache's own.
void Worker::askWithoutCookies(tp_request* request, Visit& visit, std::string_view vary) {
    visit.status = withStatus(std::move(visit.status), {"vary-cookie", false, {}});
    // A site that fails at once without them would be asked again by each visitor, and others would wait for it.
    if (tiers_.front()->store.isResting(visit.primary, nowFor(*host_.view(request)))) return endTurn(visit);
    if (!visit.has_turn) visit.has_turn = takeTurn(visit) == Store::Turn::Mine;
    if (!visit.has_turn || !renew(request, visit, vary)) endTurn(visit);
}

/// A 304 for what is stored: it is as good as new. Where the client had no condition, it gets all of it.
bool Worker::confirm(tp_request* request, Visit& visit, const tp_response_view& answer) {
    if (!visit.stale) return false;
    const bool is_ours = !visit.asked_about.empty();
    const Match& match = *visit.stale;
    const Found& found = match.found;
    const std::string all = storedOf(visit);
    if (all.empty()) return false;
    const std::string_view bytes = all, kept = bytes.substr(found.label_size, found.fields_size);
    if (!is_ours && !isConfirmed(unpacked(kept), fieldsOf(answer))) return false;
    visit.status += "; fwd-status=304";
    const std::string_view body = bytes.substr(found.label_size + found.fields_size);
    if (likeness(unpacked(kept), fieldsOf(answer)) == Likeness::Other) {
        // It was asked about this one and speaks of another: good enough for who has asked, not for others.
        const uint64_t now = nowFor(*host_.view(request));
        remove(visit.primary, now);
        visit.status += "; detail=other-tag";
        substitute(request, visit, answer, kept, body);
        addAge(request, found, now);
        return true;
    }
    const std::string fields = refresh(request, visit, answer, bytes);
    ++counts().confirmed;
    if (is_ours) substitute(request, visit, answer, fields, body);
    return true;
}

/// Stores what was found anew with the fields of an answer that confirms it. Returns them.
std::string Worker::refresh(tp_request* request, Visit& visit, const tp_response_view& answer,
                            std::string_view bytes) {
    const Match& match = *visit.stale;
    const Found& found = match.found;
    const tp_request_view& view = *host_.view(request);
    std::string fields = updated(bytes.substr(found.label_size, found.fields_size), fieldsOf(answer));
    const Stored stored =
        mayStore(found.terms.status, unpacked(fields), found.terms.for_authorized == 0 && isKnown(view),
                 settings_.defaults, {view.received_ns, view.received_unix_ms});
    if (!visit.asked.no_store) visit.status = withStatus(std::move(visit.status), stored);
    // Who asked that nothing of the answer is stored is obeyed; what it forbids of itself holds for the old one.
    if (stored.refused != nullptr && !stored.is_for_one) remove(visit.primary, nowFor(view));
    if (stored.refused == nullptr && !visit.asked.no_store)
        match.tier->store.insert(
            {visit.primary, found.variant, found.vary, stored.terms, visit.notices,
             visit.changes[match.tier->number()]},
            {bytes.substr(0, found.label_size), fields, bytes.substr(found.label_size + found.fields_size)},
            nowFor(view));
    return fields;
}

/// An answer to HEAD has the fields that GET would have had (RFC 9111 section 4.3.5). One without validators is no
/// sign that the content is the same.
void Worker::compare(tp_request* request, Visit& visit, const tp_response_view& answer) {
    if (!visit.stale || answer.status != 200) return;
    const Found& found = visit.stale->found;
    if (variesByCookies(*host_.view(request), found.vary)) return;
    std::string head(uint64_t{found.label_size} + found.fields_size, '\0');
    if (!visit.stale->tier->store.read(found, 0, head.size(), head.data())) return;
    const auto kept = unpacked(std::string_view(head).substr(found.label_size));
    const bool has_other_size = answer.length > 0 && static_cast<uint64_t>(answer.length) != found.body_size;
    const Likeness is =
        found.terms.status != 200 || has_other_size ? Likeness::Other : likeness(kept, fieldsOf(answer));
    if (is == Likeness::Same && collected_ + head.size() + found.body_size <= kMostCollected)
        if (const std::string all = storedOf(visit); !all.empty()) refresh(request, visit, answer, all);
    if (is == Likeness::Other) remove(visit.primary, nowFor(*host_.view(request)));
}

/// A stale answer instead of an error, where that is allowed.
bool Worker::replace(tp_request* request, Visit& visit, const tp_response_view& answer) {
    if (!visit.stale) return false;
    const Found& found = visit.stale->found;
    const uint64_t now = nowFor(*host_.view(request));
    if (mayUse(found.terms, {}, now) == Use::No) return false;
    const std::string all = storedOf(visit);
    if (all.empty()) return false;
    visit.status += "; fwd-status=" + std::to_string(answer.status) + "; detail=stale-if-error";
    const std::string told = "a stored answer is sent instead of status " + std::to_string(answer.status);
    host_.log_request(request, TP_LOG_WARN, str(told));
    const std::string_view bytes = all;
    substitute(request, visit, answer, bytes.substr(found.label_size, found.fields_size),
               bytes.substr(found.label_size + found.fields_size));
    addAge(request, found, now);
    ++counts().stale;
    return true;
}

void Worker::addAge(tp_request* request, const Found& found, uint64_t now_ns) {
    const std::string age = std::to_string(found.terms.ageAt(now_ns) / 1000);
    host_.add_field(request, str("age"), str(age));
}

/// The stored answer takes the place of the site's. Cookies that this one sets are this client's and stay.
void Worker::substitute(tp_request* request, Visit& visit, const tp_response_view& answer, std::string_view fields,
                        std::string_view body) {
    std::vector<std::string> names;
    for (const tp_field& field : fieldsOf(answer))
        if (!support::equalsLower(text(field.name), "set-cookie")) names.emplace_back(text(field.name));
    for (const std::string& name : names) host_.set_field(request, str(name), nullptr);
    host_.set_status(request, visit.stale->found.terms.status);
    for (const tp_field& field : unpacked(fields)) host_.add_field(request, field.name, field.value);
    visit.is_replaced = true;
    visit.body = body;
    host_.filter_body(request);
}

void Worker::onResponseBody(tp_request* request, std::string_view data, bool last) noexcept {
    const auto found = visits_.find(request);
    if (found == visits_.end()) return;
    Visit& visit = found->second;
    if (visit.is_replaced) {
        const std::string body = std::exchange(visit.body, {});
        const tp_str part = str(body);
        if (!body.empty()) host_.emit(request, &part, 1);
        return;
    }
    if (!visit.is_collected) return;
    if (visit.body.size() + data.size() > tiers_.back()->most() || collected_ + data.size() > kMostCollected) {
        tiers_.front()->store.pass(visit.primary, nowFor({}) + kPassMs * 1'000'000);
        forgetBody(visit);
        return endTurn(visit);
    }
    visit.body.append(data);
    collected_ += data.size();
    if (last) keep(visit);
}

/// It has come whole: everybody may have it.
void Worker::keep(Visit& visit) {
    const bool is_whole =
        visit.declared == TP_LENGTH_UNKNOWN || static_cast<uint64_t>(visit.declared) == visit.body.size();
    const uint64_t size = visit.label.size() + visit.fields.size() + visit.body.size();
    for (const auto& tier : tiers_) {
        if (!is_whole || size > tier->most()) continue;
        visit.insertion.vary = visit.vary;
        visit.insertion.changes = visit.changes[tier->number()];
        tier->store.insert(visit.insertion, {visit.label, visit.fields, visit.body}, nowFor({}));
        break;
    }
    forgetBody(visit);
    endTurn(visit);
}

void Worker::forgetBody(Visit& visit) {
    if (!std::exchange(visit.is_collected, false)) return;
    collected_ -= visit.body.size();
    visit.body = {};
}

}  // namespace turnpike::cache
