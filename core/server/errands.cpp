#include "server/errands.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "http/request_fields.h"
#include "http/response_head.h"
#include "net/loop.h"
#include "net/transport.h"
#include "server/exchange.h"
#include "server/runtime.h"

namespace turnpike::server {
namespace {

std::string_view text(tp_str s) { return {s.ptr, s.len}; }
constexpr tp_str str(std::string_view s) { return {s.data(), s.size()}; }

/// Copies into the memory of one request, until that is full.
class Copier {
 public:
    explicit Copier(Arena& arena) : arena_(arena) {}
    std::string_view operator()(tp_str from) {
        const std::string_view copy = arena_.copy(text(from));
        is_full_ = is_full_ || copy.size() != from.len;
        return copy;
    }
    bool isFull() const { return is_full_; }

 private:
    Arena& arena_;
    bool is_full_ = false;
};

}  // namespace

/// One of them, and the client that it lacks.
class Errands::Errand final : public Stream {
 public:
    Errand(Errands& owner, Exchange& exchange, const Site& site)
        : owner_(owner),
          exchange_(&exchange),
          site_(site),
          timer_([](void* self) { static_cast<Errand*>(self)->onLimit(); }, this) {}

    /// 0 or -errno. What it is to ask for, from the request that it stands for.
    int32_t prepare(const tp_request_view& like, const tp_background_spec& spec);
    void begin() {
        owner_.runtime_.loop().later([](void* self) { static_cast<Errand*>(self)->run(); }, this);
    }
    const Site& site() const { return site_; }

    // Stream
    const Peer& peer() const override { return peer_; }
    void sendInterim(unsigned, const tp_field*, size_t) override {}
    void sendHead(unsigned, const tp_field*, size_t, int64_t, bool) override {}
    void setTrailers(const tp_field*, size_t) override {}
    int32_t sendBody(const tp_str* parts, size_t count, bool) override {
        uint64_t size = 0;
        for (size_t i = 0; i < count; ++i) size += parts[i].len;
        return drop(size);
    }
    int32_t sendFile(int, uint64_t, uint64_t size, bool) override { return drop(size); }
    void readBody() override {
        owner_.runtime_.loop().later([](void* self) { static_cast<Errand*>(self)->giveBody(); }, this);
    }
    void finish() override {
        std::exchange(exchange_, nullptr)->onSent();
        owner_.remove(*this);
    }
    void abort() override {
        exchange_ = nullptr;
        owner_.remove(*this);
    }
    void closeAfter() override {}

 private:
    int32_t setFields(const tp_request_view& like, const tp_background_spec& spec, Copier& copy);
    void setPeer(const tp_request_view& like, Copier& copy);
    int32_t addField(const tp_field& field, Copier& copy);
    void run();
    void giveBody() {
        if (exchange_ != nullptr) exchange_->onBody({}, true);
    }
    int32_t drop(uint64_t size);
    void onLimit() { giveUp("a background request took longer than it may and is given up"); }
    void giveUp(std::string_view why);

    Errands& owner_;
    Exchange* exchange_;
    const Site& site_;
    net::Timer timer_;
    http::RequestHead head_;
    Peer peer_;
    net::TlsSession session_;
    uint64_t limit_ms_ = 0, bytes_left_ = 0;
};

int32_t Errands::Errand::prepare(const tp_request_view& like, const tp_background_spec& spec) {
    limit_ms_ = spec.limit_ms;
    bytes_left_ = spec.most_bytes;
    Copier copy(exchange_->arena());
    const std::string_view target = copy(like.target);
    const size_t question = std::min(target.find('?'), target.size());
    head_.method = TP_METHOD_GET;
    head_.method_name = "GET";
    head_.target = target;
    head_.path = target.substr(0, question);
    head_.query = target.substr(std::min(question + 1, target.size()));
    head_.host = copy(like.host);
    setPeer(like, copy);
    const int32_t set = setFields(like, spec, copy);
    return set == 0 && copy.isFull() ? -ENOMEM : set;
}

/// As from the same client, but for its certificate.
void Errands::Errand::setPeer(const tp_request_view& like, Copier& copy) {
    peer_.remote_address = peer_.network = copy(like.remote_address);
    peer_.local_address = copy(like.local_address);
    peer_.remote_port = like.remote_port;
    peer_.local_port = like.local_port;
    peer_.secure = like.secure != 0;
    peer_.protocol = copy(like.protocol);
    peer_.background_of = like.id;
    if (like.tls_version.len == 0) return;
    session_.version = copy(like.tls_version);
    session_.cipher = copy(like.tls_cipher);
    session_.identity = site_.tls;
    peer_.tls = &session_;
}

int32_t Errands::Errand::setFields(const tp_request_view& like, const tp_background_spec& spec, Copier& copy) {
    head_.fields = exchange_->arena().array<tp_field>(spec.field_count + 1);
    if (head_.fields == nullptr) return -ENOMEM;
    const tp_field* end = like.fields + like.field_count;
    const tp_field* host =
        std::find_if(like.fields, end, [](const tp_field& field) { return text(field.name) == "host"; });
    if (host != end) head_.fields[head_.field_count++] = {str("host"), str(copy(host->value))};
    for (size_t i = 0; i < spec.field_count; ++i)
        if (const int32_t added = addField(spec.fields[i], copy); added != 0) return added;
    return 0;
}

int32_t Errands::Errand::addField(const tp_field& field, Copier& copy) {
    if (!http::isValidField(text(field.name), text(field.value))) return -EINVAL;
    char* name = exchange_->arena().array<char>(field.name.len);
    if (name == nullptr) return -ENOMEM;
    std::ranges::transform(text(field.name), name, http::toLower);
    const auto bit = http::RequestFields::presenceOf({name, field.name.len});
    if (!bit) return -EINVAL;
    head_.present |= *bit;
    head_.fields[head_.field_count++] = {{name, field.name.len}, str(copy(field.value))};
    return 0;
}

void Errands::Errand::run() {
    owner_.runtime_.loop().arm(timer_, limit_ms_);
    exchange_->open(*this, owner_.runtime_.loop().nowNs());
    exchange_->run(head_);
}

int32_t Errands::Errand::drop(uint64_t size) {
    if (exchange_ == nullptr) return TP_GONE;
    if (size > bytes_left_) {
        giveUp("the answer to a background request is longer than it may be and is given up");
        return TP_GONE;
    }
    bytes_left_ -= size;
    return TP_SENT;
}

void Errands::Errand::giveUp(std::string_view why) {
    Exchange* exchange = std::exchange(exchange_, nullptr);
    if (exchange == nullptr) return;  // it has just ended
    exchange->log(TP_LOG_WARN, why);
    exchange->onGone(nullptr, 0);
    owner_.remove(*this);
}

Errands::Errands(Runtime& runtime, size_t sites) : runtime_(runtime), of_site_(sites) {}

Errands::~Errands() = default;

int32_t Errands::whyNot(const Exchange& like) const {
    const Site* site = like.site();
    if (like.isBackground()) return -ELOOP;
    if (site == nullptr || !text(like.view().target).starts_with('/')) return -ENOTSUP;
    const config::Limits& limits = runtime_.limits();
    const bool is_full = count() >= limits.background || of_site_[site->index] >= limits.background_per_site;
    return draining_ || is_full ? -EAGAIN : 0;
}

tp_request* Errands::begin(const Exchange& like, const tp_background_spec& spec, int32_t* error) {
    *error = spec.struct_size < sizeof spec ? -EINVAL : whyNot(like);
    if (*error != 0) return nullptr;
    Exchange& exchange = runtime_.take();
    auto errand = std::make_unique<Errand>(*this, exchange, *like.site());
    *error = errand->prepare(like.view(), spec);
    if (*error != 0) {
        exchange.discard();
        return nullptr;
    }
    errand->begin();
    ++of_site_[errand->site().index];
    running_.push_back(std::move(errand));
    return &exchange;
}

void Errands::remove(Errand& errand) {
    const auto at = std::ranges::find(running_, &errand, &std::unique_ptr<Errand>::get);
    --of_site_[errand.site().index];
    // Its own functions may still be on the stack, and calls of it in the loop's list.
    runtime_.loop().later([](void* gone) { delete static_cast<Errand*>(gone); }, at->release());
    running_.erase(at);
    tellDrained();
}

void Errands::tellDrained() {
    if (running_.empty() && drained_ != nullptr)
        runtime_.loop().later(std::exchange(drained_, nullptr), drained_arg_);
}

void Errands::drain(void (*drained)(void*), void* arg) {
    draining_ = true;
    drained_ = drained;
    drained_arg_ = arg;
    tellDrained();
}

}  // namespace turnpike::server
