#include "server/response.h"

#include <strings.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "http/response_head.h"
#include "http/trailers.h"
#include "os/file.h"
#include "sdk/services.h"

namespace turnpike::server {
namespace {

constexpr size_t kPumpBlock = 65536;

std::string_view text(tp_str s) { return {s.ptr, s.len}; }
tp_str str(std::string_view s) { return {s.data(), s.size()}; }

bool sameName(tp_str a, std::string_view b) {
    return a.len == b.size() && strncasecmp(a.ptr, b.data(), b.size()) == 0;
}

bool hasNoBody(unsigned status) { return status == 204 || status == 304; }

/// splice() did nothing, where read() may: the descriptor is of another kind, the call is not allowed here, or
/// memory is short.
bool isNoSplice(int64_t error) {
    return error == -EINVAL || error == -EPERM || error == -ENOSYS || error == -ENOMEM || error == -EFAULT;
}

}  // namespace

void Response::setFilters(const std::vector<PluginSlot>* filters, bool head_request) {
    filters_ = filters != nullptr && !filters->empty() ? filters : nullptr;
    head_request_ = head_request;
}

void Response::reset() {
    closeFile();
    stream_ = nullptr;
    filters_ = nullptr;
    fields_.clear();
    trailers_.clear();
    changes_.clear();
    body_filters_.clear();
    emitted_.clear();
    status_ = 0;
    length_ = TP_LENGTH_UNKNOWN;
    taken_ = sent_ = spliced_ = excess_ = 0;
    interims_ = interim_bytes_ = 0;
    head_request_ = bodyless_ = started_ = complete_ = in_filters_ = false;
}

bool Response::areValid(const tp_field* fields, size_t count) {
    return std::all_of(fields, fields + count, [](const tp_field& field) {
        return http::isValidField(text(field.name), text(field.value));
    });
}

/// All but those that the server writes itself.
void Response::takeFields(const tp_field* fields, size_t count) {
    fields_.assign(fields, fields + count);
    std::erase_if(fields_, [](const tp_field& field) { return http::isFramingField(text(field.name)); });
}

int32_t Response::sendInterim(unsigned status, const tp_field* fields, size_t count, bool leaves) {
    if (started_) return -EALREADY;
    if (status < 102 || status > 199 || !areValid(fields, count)) return -EINVAL;
    takeFields(fields, count);
    size_t size = 0;
    for (const tp_field& field : fields_) size += field.name.len + field.value.len + sizeof(": \r\n") - 1;
    if (interims_ == TP_MOST_INTERIMS || size > TP_MOST_INTERIM_BYTES - interim_bytes_) return -EMSGSIZE;
    ++interims_;
    interim_bytes_ += size;
    if (leaves && stream_ != nullptr) stream_->sendInterim(status, fields_.data(), fields_.size());
    return 0;
}

int32_t Response::start(unsigned status, const tp_field* fields, size_t count, int64_t length) {
    if (started_) return -EALREADY;
    if (status < 200 || status > 599) return -EINVAL;
    if (!areValid(fields, count)) return -EINVAL;
    started_ = true;
    status_ = status;
    length_ = length;
    const auto isOurs = [](const tp_field& field) { return http::isFramingField(text(field.name)); };
    const bool is_plain = std::none_of(fields, fields + count, isOurs);
    if (is_plain && filters_ == nullptr && changes_.empty()) {
        sendHead(fields, count);
        return 0;
    }
    takeFields(fields, count);
    applyChanges(0);
    runHeadFilters();
    // What a head without a body says of its length is not promised by one that a filter gave a body to.
    if (hasNoBody(status) && !hasNoBody(status_)) length_ = 0;
    sendHead(fields_.data(), fields_.size());
    return 0;
}

int32_t Response::startTunnel(std::string_view protocol, const tp_field* fields, size_t count) {
    if (started_) return -EALREADY;
    if (!areValid(fields, count) || !http::isValidField(protocol, {})) return -EINVAL;
    takeFields(fields, count);
    if (stream_ == nullptr || !stream_->sendUpgrade(protocol, fields_.data(), fields_.size())) return -ENOTSUP;
    started_ = true;
    status_ = 101;
    return 0;
}

int32_t Response::change(std::string_view name, const std::string_view* value, bool add) {
    if (!http::isValidField(name, value != nullptr ? *value : std::string_view())) return -EINVAL;
    if (http::isFramingField(name)) return -EINVAL;
    if (started_ && !in_filters_) return -EALREADY;
    Change c{arena_.copy(name), value != nullptr ? arena_.copy(*value) : std::string_view(), Change::Kind::Set};
    if (value == nullptr)
        c.kind = Change::Kind::Remove;
    else if (add)
        c.kind = Change::Kind::Add;
    if (c.name.empty() || (value != nullptr && c.value.size() != value->size())) return -ENOMEM;
    changes_.push_back(c);
    if (in_filters_) applyChanges(changes_.size() - 1);
    return 0;
}

int32_t Response::addTrailer(std::string_view name, std::string_view value) {
    if (!http::isValidTrailer(name, value)) return -EINVAL;
    if (complete_) return -EALREADY;
    const std::string_view kept_name = arena_.copy(name), kept_value = arena_.copy(value);
    if (kept_name.data() == nullptr || kept_value.data() == nullptr) return -ENOMEM;
    trailers_.push_back({str(kept_name), str(kept_value)});
    return 0;
}

void Response::tellTrailers() {
    if (!trailers_.empty()) stream_->setTrailers(trailers_.data(), trailers_.size());
}

void Response::removeField(std::string_view name) {
    std::erase_if(fields_, [&](const tp_field& f) { return sameName(f.name, name); });
}

void Response::applyChanges(size_t from) {
    for (size_t i = from; i < changes_.size(); ++i) {
        const Change& c = changes_[i];
        if (c.kind != Change::Kind::Add) removeField(c.name);
        if (c.kind != Change::Kind::Remove) fields_.push_back({str(c.name), str(c.value)});
    }
    view_.fields = fields_.data();
    view_.field_count = fields_.size();
}

void Response::runHeadFilters() {
    if (filters_ == nullptr) return;
    in_filters_ = true;
    for (filter_at_ = 0; filter_at_ < filters_->size(); ++filter_at_) {
        const PluginSlot& slot = (*filters_)[filter_at_];
        view_ = {sizeof view_, status_, fields_.data(), fields_.size(), filteredLength()};
        slot.table->on_response(slot.worker, request_);
    }
    in_filters_ = false;
}

void Response::filterBody(bool watches) {
    if (!in_filters_ || (*filters_)[filter_at_].table->on_response_body == nullptr) return;
    if (body_filters_.empty() || body_filters_.back().index != filter_at_)
        body_filters_.push_back({filter_at_, watches});
    body_filters_.back().watches &= watches;
}

/// Behind the filters so far: of a body that one of them changes it is not known.
int64_t Response::filteredLength() const {
    const bool is_kept =
        std::ranges::all_of(body_filters_, [](const BodyFilter& filter) { return filter.watches; });
    return is_kept ? length_ : TP_LENGTH_UNKNOWN;
}

void Response::sendHead(const tp_field* fields, size_t count) {
    bodyless_ = head_request_ || hasNoBody(status_);
    if (stream_ == nullptr) return;
    tellTrailers();
    stream_->sendHead(status_, fields, count, filteredLength(), !bodyless_);
}

/// Keeps the promise of the declared length; false: the body ends too early.
bool Response::fitsLength(uint64_t size, bool last) {
    taken_ += size;
    if (length_ == TP_LENGTH_UNKNOWN || bodyless_) return true;
    auto promised = static_cast<uint64_t>(length_);
    if (taken_ > promised) excess_ = taken_ - promised;
    return !last || taken_ >= promised;
}

Response::Outcome Response::outcome(int32_t sent, bool last) {
    if (sent == TP_GONE) return Outcome::Gone;
    complete_ = complete_ || last;
    return sent == TP_WAIT ? Outcome::Wait : Outcome::Sent;
}

Response::Outcome Response::send(const tp_str* parts, size_t count, bool last) {
    if (stream_ == nullptr) return Outcome::Gone;
    uint64_t size = 0;
    for (size_t i = 0; i < count; ++i) size += parts[i].len;
    const uint64_t excess_before = excess_;
    if (!fitsLength(size, last)) return Outcome::Short;
    if (bodyless_) return outcome(TP_SENT, last);
    // Only what was promised leaves, and only that is filtered.
    uint64_t keep = size - std::min(size, excess_ - excess_before);
    if (body_filters_.empty() && keep == size) return sendPlain(parts, count, last);
    const uint64_t left = keep;
    std::vector<tp_str> cut;
    for (size_t i = 0; i < count && keep > 0; ++i) {
        cut.push_back({parts[i].ptr, static_cast<size_t>(std::min<uint64_t>(parts[i].len, keep))});
        keep -= cut.back().len;
    }
    if (body_filters_.empty()) return sendPlain(cut.data(), cut.size(), last);
    pending_ = {-1, 0, left, last, false, std::move(cut)};
    return pump();
}

Response::Outcome Response::sendPlain(const tp_str* parts, size_t count, bool last) {
    for (size_t i = 0; i < count; ++i) sent_ += parts[i].len;
    if (last) tellTrailers();
    return outcome(stream_->sendBody(parts, count, last), last);
}

Response::Outcome Response::sendFile(int fd, uint64_t offset, uint64_t size, bool last, bool give_fd) {
    closeFile();
    const uint64_t excess_before = excess_;
    if (stream_ == nullptr || !fitsLength(size, last) || bodyless_) {
        if (give_fd) os::close(fd, os::Class::File);
        if (stream_ == nullptr) return Outcome::Gone;
        return bodyless_ ? outcome(TP_SENT, last) : Outcome::Short;
    }
    pending_ = {fd, offset, size - std::min(size, excess_ - excess_before), last, give_fd, {}};
    if (!body_filters_.empty()) return pump();
    if (last) tellTrailers();
    sent_ += pending_.left;
    const uint64_t left = std::exchange(pending_.left, 0);
    return outcome(stream_->sendFile(fd, offset, left, last), last);
}

/// Nobody between plugin and client needs to see the bytes, and so many more are promised.
bool Response::maySplice(uint64_t most) const {
    if (stream_ == nullptr || !stream_->canSplice() || bodyless_ || !body_filters_.empty()) return false;
    return length_ == TP_LENGTH_UNKNOWN || (excess_ == 0 && most <= static_cast<uint64_t>(length_) - taken_);
}

int64_t Response::splice(Pipes& pipes, int fd, uint64_t most, Outcome* outcome) {
    if (!maySplice(most)) return -ENOTSUP;
    PipeLoan pipe = pipes.take();
    if (!pipe) return -ENOTSUP;
    const int64_t got = pipe->fill(fd, most);
    if (got <= 0) return isNoSplice(got) ? -ENOTSUP : got;
    taken_ += static_cast<uint64_t>(got);
    sent_ += static_cast<uint64_t>(got);
    spliced_ += static_cast<uint64_t>(got);
    *outcome = this->outcome(stream_->sendPipe(std::move(pipe)), false);
    return got;
}

/// The next block of what is pending. False: the file shrank or cannot be read.
bool Response::takeBlock(std::string& block) {
    const auto most = static_cast<size_t>(std::min<uint64_t>(kPumpBlock, pending_.left));
    if (pending_.fd >= 0 && most > 0) {
        block.resize(most);
        const int64_t got = os::pread(pending_.fd, block.data(), most, pending_.offset, os::Class::File);
        if (got <= 0) return false;
        block.resize(static_cast<size_t>(got));
        pending_.offset += block.size();
    }
    for (tp_str& part : pending_.parts) {
        const size_t taken = std::min(part.len, most - block.size());
        block.append(part.ptr, taken);
        part = {part.ptr + taken, part.len - taken};
    }
    pending_.left -= block.size();
    return true;
}

/// What filters want to see passes them in blocks, one for each time the client has room and at most one in a
/// round of the loop: a filter may take long for each byte, and the others who wait have nothing to do with it.
Response::Outcome Response::pump() {
    std::string block;
    if (!takeBlock(block)) return Outcome::Short;
    const bool ends = pending_.left == 0;
    const Outcome outcome = filter(block, pending_.last && ends);
    return outcome == Outcome::Sent && !ends ? Outcome::Later : outcome;
}

Response::Outcome Response::resume() { return pending_.left > 0 ? pump() : Outcome::Sent; }

int32_t Response::emit(const tp_str* parts, size_t count) {
    for (size_t i = 0; i < count; ++i) emitted_.append(parts[i].ptr, parts[i].len);
    return 0;
}

Response::Outcome Response::filter(std::string_view data, bool last) {
    std::string current(data);
    for (const BodyFilter& next : body_filters_) {
        emitted_.clear();
        const PluginSlot& slot = (*filters_)[next.index];
        slot.table->on_response_body(slot.worker, request_, str(current), last ? TP_LAST : 0);
        if (!next.watches) current.swap(emitted_);
    }
    if (stream_ == nullptr) return Outcome::Gone;  // a filter has failed: its last part would look like the end
    if (current.empty() && !last) return Outcome::Sent;
    // The stream may borrow what it cannot take at once; nothing more is sent before it has let go of it.
    held_.swap(current);
    tp_str part = str(held_);
    return sendPlain(&part, 1, last);
}

void Response::closeFile() {
    if (pending_.owned && pending_.fd >= 0) os::close(pending_.fd, os::Class::File);
    pending_ = {};
}

}  // namespace turnpike::server
