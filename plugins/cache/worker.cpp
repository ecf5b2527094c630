// The way in: who is answered at once, who waits, who goes on to bring a new answer.
#include "worker.h"

#include <algorithm>
#include <utility>

#include "clock.h"
#include "head.h"
#include "label.h"
#include "renewal.h"
#include "sdk/support/conditional.h"

namespace turnpike::cache {
namespace {

bool isRead(const tp_request_view& view) {
    return view.method_id == TP_METHOD_GET || view.method_id == TP_METHOD_HEAD;
}

/// RFC 9110 section 9.2.1; a method that nobody knows counts as unsafe (RFC 9111 section 4.4).
bool isUnsafe(const tp_request_view& view) { return !isRead(view) && view.method_id != TP_METHOD_OPTIONS; }

uint64_t sizeOf(const Found& found) { return uint64_t{found.label_size} + found.fields_size + found.body_size; }

/// What asks about which validator.
constexpr std::pair<std::string_view, std::string_view> kConditions[] = {{"etag", "if-none-match"},
                                                                         {"last-modified", "if-modified-since"}};

std::string hitStatus(const Terms& terms, uint64_t now_ns) {
    const int64_t left_ms = terms.lifetime_ms - terms.ageAt(now_ns);
    return "Turnpike; hit; ttl=" + std::to_string(left_ms / 1000);
}

}  // namespace

Worker::Worker(Cache& plugin, tp_worker* worker)
    : host_(plugin.host),
      shared_(plugin.shared),
      requests_(plugin.requests),
      responses_(plugin.responses),
      background_(plugin.background),
      settings_(plugin.settings),
      worker_(worker),
      memory_(plugin.memory),
      presence_(shared_, memory_, *static_cast<Head*>(shared_.memory(memory_)), kMostShards),
      sender_(host_),
      key_(processKey()) {
    tiers_.push_back(std::make_unique<Tier>(shared_, memory_, settings_.memory, settings_.max_object, 0));
    if (plugin.disk != nullptr)
        tiers_.push_back(
            std::make_unique<Tier>(shared_, plugin.disk, settings_.disk, settings_.disk_object, 1, &counts()));
}

Worker::~Worker() {
    if (timer_ != nullptr) host_.cancel(worker_, timer_);
}

/// Why the cache has no part in it, for Cache-Status; null: it has.
const char* Worker::whyPassed(const tp_request_view& view) const {
    if (!isRead(view)) return "Turnpike; fwd=method";
    if (view.body_length != 0) return "Turnpike; fwd=request; detail=body";
    // These are the origin's to judge (RFC 9111 section 4.3.2).
    if ((view.present & (TP_HAS_IF_MATCH | TP_HAS_IF_UNMODIFIED_SINCE)) != 0)
        return "Turnpike; fwd=request; detail=precondition";
    const std::string_view path = text(view.path);
    for (const std::string& skipped : settings_.skip_paths)
        if (path.starts_with(skipped)) return "Turnpike; fwd=bypass; detail=path";
    if (settings_.cookies.arePersonal(view)) return "Turnpike; fwd=bypass; detail=cookie";
    return nullptr;
}

// Also asked when the request goes to another path: it is still the first one's answer that the visitor gets.
tp_verdict Worker::onAccess(tp_request* request) {
    const tp_request_view& view = *host_.view(request);
    if (const auto visit = visits_.find(request); visit != visits_.end()) {
        if (visit->second.kind == Visit::Kind::Renews)
            return bring(request, visit->second, visit->second.stale ? "stale" : "miss");
        setCondition(request, visit->second);  // which the path before this one had
        return TP_DECLINED;
    }
    Visit visit;
    const auto key = primaryKey(view);
    if (key) visit.primary = hashOf(key_, *key);
    if (const char* why = whyPassed(view); why != nullptr || !key) {
        visit.status = why != nullptr ? why : "Turnpike; fwd=request; detail=target";
        if (isUnsafe(view) && key) visit.kind = Visit::Kind::Changes;
        visits_.emplace(request, std::move(visit));
        ++counts().passed;
        return TP_DECLINED;
    }
    if (settings_.request_control) visit.asked = askedFor(view);
    visit.notices = shared_.notices(memory_);
    const tp_verdict verdict = enter(request, visit);
    // A hit leaves nothing to be remembered.
    if (visit.kind != Visit::Kind::Passed) visits_.emplace(request, std::move(visit));
    return verdict;
}

bool Worker::isPurged(uint64_t seen, std::string_view label) {
    char notice[1024];
    for (uint64_t number = seen + 1; number <= shared_.notices(memory_); ++number) {
        const int32_t size = shared_.notice(memory_, number, notice, sizeof notice);
        // Whatever was overwritten meanwhile may have meant it.
        if (size < 0 || isMeant({notice, static_cast<size_t>(size)}, label)) return true;
    }
    return false;
}

std::optional<Match> Worker::find(const tp_request_view& view, const Visit& visit) {
    const auto variant_of = [&](std::string_view vary) { return hashOf(key_, variantOf(view, vary)); };
    const auto is_purged = [&](uint64_t seen, std::string_view label) { return isPurged(seen, label); };
    std::optional<Match> best;
    for (const auto& tier : tiers_) {
        auto found = tier->store.find(visit.primary, variant_of, shared_.notices(memory_), is_purged);
        if (found && (!best || found->terms.since_ns > best->found.terms.since_ns))
            best = Match{tier.get(), std::move(*found)};
    }
    return best;
}

tp_verdict Worker::enter(tp_request* request, Visit& visit) {
    const tp_request_view& view = *host_.view(request);
    const uint64_t now = nowFor(view);
    visit.stale.reset();
    auto match = find(view, visit);
    if (match && isKnown(view) && match->found.terms.for_authorized == 0) match.reset();
    const Use use = match ? mayUse(match->found.terms, visit.asked, now) : Use::No;
    if (use == Use::Fresh || use == Use::Stale) {
        const tp_verdict verdict = sender_.answer(request, *match, now, hitStatus(match->found.terms, now));
        if (verdict != TP_DECLINED) {
            ++(use == Use::Fresh ? counts().hits : counts().stale);
            return verdict;
        }
        match.reset();
    }
    if (visit.asked.only_if_cached) {
        const tp_field status{str("cache-status"), str("Turnpike; fwd=miss; detail=only-if-cached")};
        return sender_.empty(request, 504, {&status, 1});
    }
    visit.stale = std::move(match);
    return bringOrWait(request, visit, use);
}

tp_verdict Worker::bringOrWait(tp_request* request, Visit& visit, Use use) {
    const tp_request_view& view = *host_.view(request);
    const char* why = visit.stale ? "stale" : "miss";
    // Who asks for a new one gets it, whatever others wait for; HEAD brings nothing to store.
    if (visit.asked.no_cache || visit.asked.no_store || visit.asked.max_age)
        return bring(request, visit, visit.stale ? "request" : "miss");
    const bool is_head = view.method_id == TP_METHOD_HEAD;
    if (is_head && use != Use::Revalidate) return bring(request, visit, why);
    // A site that fails at once would otherwise be asked again by each visitor.
    if (use == Use::Revalidate && tiers_.front()->store.isResting(visit.primary, nowFor(view))) {
        const tp_verdict verdict = sendStale(request, visit);
        if (verdict != TP_DECLINED) return verdict;
    }
    switch (takeTurn(visit)) {
        case Store::Turn::Mine:
            visit.has_turn = true;
            if (use == Use::Revalidate && renew(request, visit, visit.stale->found.vary)) break;
            if (is_head) endTurn(visit);
            return bring(request, visit, why);
        case Store::Turn::Free:
            return bring(request, visit, why);
        case Store::Turn::Others:
            break;
    }
    if (use == Use::Revalidate) {
        const tp_verdict verdict = sendStale(request, visit);
        if (verdict != TP_DECLINED) return verdict;
    }
    return wait(request, visit);
}

tp_verdict Worker::sendStale(tp_request* request, Visit& visit) {
    const uint64_t now = nowFor(*host_.view(request));
    const tp_verdict verdict =
        sender_.answer(request, *visit.stale, now, hitStatus(visit.stale->found.terms, now));
    if (verdict != TP_DECLINED) ++counts().stale;
    return verdict;
}

/// Begins a request that no client waits for and leaves the turn to it (RFC 5861 section 3). False: the client's
/// own one has to bring the answer. Who has told his name may get what others do not, and the site would not know
/// him.
bool Worker::renew(tp_request* request, Visit& visit, std::string_view vary) {
    const tp_request_view& view = *host_.view(request);
    const bool is_somebody = isKnown(view) || view.client_verified != 0;
    if (background_ == nullptr || is_somebody || nowFor(view) < clients_wait_until_ns_) return false;
    const auto fields = renewalFields(view, vary);
    const tp_background_spec spec{sizeof spec, 0, fields.data(), fields.size(), kRenewalMs, tiers_.back()->most()};
    int32_t error = 0;
    tp_request* renewal = background_->begin(request, &spec, &error);
    if (renewal == nullptr) return false;
    Visit& its = visits_[renewal];
    its.kind = Visit::Kind::Renews;
    its.primary = visit.primary;
    its.stale = visit.stale;
    its.has_turn = std::exchange(visit.has_turn, false);
    return true;
}

/// The site may say that what is stored still holds, where the client has no condition of its own (RFC 9111
/// section 4.3.1). The answer to that question needs what it was about, wherever the store has gone meanwhile.
void Worker::addCondition(tp_request* request, Visit& visit) {
    const tp_request_view& view = *host_.view(request);
    const bool is_plain =
        view.method_id == TP_METHOD_GET && (view.present & (support::kPreconditionFields | TP_HAS_RANGE)) == 0;
    if (!is_plain || !visit.stale || visit.stale->found.terms.status != 200) return;
    const Found& found = visit.stale->found;
    if (collected_ + sizeOf(found) > kMostCollected) return;
    std::string all = storedOf(visit);
    if (all.empty()) return;
    const std::string_view kept = std::string_view(all).substr(found.label_size, found.fields_size);
    if (valueOf(unpacked(kept), "etag").empty() && valueOf(unpacked(kept), "last-modified").empty()) return;
    collected_ += all.size();
    visit.asked_about = std::move(all);
    setCondition(request, visit);
}

void Worker::setCondition(tp_request* request, Visit& visit) {
    if (visit.asked_about.empty()) return;
    const Found& found = visit.stale->found;
    const auto fields = unpacked(std::string_view(visit.asked_about).substr(found.label_size, found.fields_size));
    for (const auto& [validator, condition] : kConditions) {
        const tp_str value = str(valueOf(fields, validator));
        if (value.len > 0) requests_.set_request_field(request, str(condition), &value);
    }
}

void Worker::forgetQuestion(Visit& visit) {
    collected_ -= visit.asked_about.size();
    visit.asked_about = {};
}

/// All of the stale answer: as it was when the site was asked about it, or as it is now; empty: it is there no
/// more.
std::string Worker::storedOf(Visit& visit) {
    std::string all = visit.asked_about;
    forgetQuestion(visit);
    if (!all.empty()) return all;
    all.resize(sizeOf(visit.stale->found));
    return visit.stale->tier->store.read(visit.stale->found, 0, all.size(), all.data()) ? all : std::string();
}

tp_verdict Worker::bring(tp_request* request, Visit& visit, std::string_view why) {
    ++counts().misses;
    visit.kind = Visit::Kind::Brings;
    visit.status = std::string("Turnpike; fwd=").append(why);
    if (visit.waited_ms > 0) visit.status += "; detail=waited";
    for (const auto& tier : tiers_) visit.changes[tier->number()] = tier->store.changes(visit.primary);
    visit.notices = shared_.notices(memory_);
    addCondition(request, visit);
    return TP_DECLINED;
}

Store::Turn Worker::takeTurn(Visit& visit) {
    if (settings_.lock_wait_ms == 0 || !presence_.hasSeat()) return Store::Turn::Free;
    const auto now = nowFor({});
    return tiers_.front()->store.takeTurn(
        visit.primary, presence_.seat(), presence_.life(), now, settings_.lock_wait_ms,
        [this](uint32_t seat, uint32_t life) { return presence_.isAlive(seat, life); });
}

void Worker::endTurn(Visit& visit) {
    if (!std::exchange(visit.has_turn, false)) return;
    tiers_.front()->store.endTurn(visit.primary, presence_.seat(), presence_.life());
}

tp_verdict Worker::wait(tp_request* request, Visit& visit) {
    if (visit.kind == Visit::Kind::Waits) return TP_PENDING;
    visit.kind = Visit::Kind::Waits;
    waiting_.push_back(request);
    pollAgain();
    return TP_PENDING;
}

void Worker::pollAgain() {
    if (timer_ != nullptr || waiting_.empty()) return;
    timer_ = host_.timer(
        worker_, kPollMs, [](void* self) { static_cast<Worker*>(self)->poll(); }, this);
}

void Worker::poll() {
    timer_ = nullptr;
    const std::vector<tp_request*> waited = waiting_;
    for (tp_request* request : waited) {
        const auto visit = visits_.find(request);
        if (visit != visits_.end() && visit->second.kind == Visit::Kind::Waits) askAgain(request, visit->second);
    }
    pollAgain();
}

void Worker::askAgain(tp_request* request, Visit& visit) {
    visit.waited_ms += kPollMs;
    const bool is_over = visit.waited_ms >= settings_.lock_wait_ms;
    const tp_verdict verdict = is_over ? bring(request, visit, "miss") : enter(request, visit);
    if (visit.kind == Visit::Kind::Waits && verdict == TP_PENDING && !is_over && !sender_.isSending(request))
        return;
    std::erase(waiting_, request);
    if (verdict == TP_DECLINED) return host_.proceed(request);
    visit.kind = Visit::Kind::Passed;
    if (verdict == TP_FAILED) host_.fail(request, 500, str("a stored answer cannot be sent"));
}

void Worker::onDone(tp_request* request, bool) noexcept {
    sender_.forget(request);
    std::erase(waiting_, request);
}

/// Filters are not told of on_done(): this is the end of every request, also of one whose client left.
void Worker::onLog(tp_request* request, const tp_log_record&) noexcept {
    const auto visit = visits_.find(request);
    if (visit == visits_.end()) return;
    if (visit->second.kind == Visit::Kind::Renews) {
        host_.log_request(
            request, TP_LOG_WARN,
            str("a background request was ended before it came to the cache: for a minute clients wait "
                "where they would have got a stale answer"));
        clients_wait_until_ns_ = nowFor({}) + kPassMs * 1'000'000;
    } else if (const tp_request_view& view = *host_.view(request);
               view.background_of != 0 && visit->second.has_turn) {
        // It has brought nothing.
        tiers_.front()->store.rest(visit->second.primary, nowFor(view) + kRestMs * 1'000'000);
    }
    endTurn(visit->second);
    forgetBody(visit->second);
    forgetQuestion(visit->second);
    visits_.erase(visit);
}

}  // namespace turnpike::cache
