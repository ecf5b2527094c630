#include "sender.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace turnpike::static_files {
namespace {

constexpr size_t kMostFields = 9;  // those of a representation and Content-Range
constexpr uint64_t kChunk = 65536;

tp_verdict verdictOf(int32_t sent) {
    if (sent < 0) return TP_FAILED;
    return sent == TP_WAIT ? TP_PENDING : TP_DONE;
}

std::string contentRange(const support::ByteRange& range, uint64_t size) {
    return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.last) + "/" + std::to_string(size);
}

}  // namespace

int32_t Sender::sendPiece(tp_request* request, const Representation& form, uint64_t at, uint64_t size,
                          uint32_t flags) {
    if (!form.isInMemory() && size > 0) return host_.send_file(request, form.fd(), at, size, flags);
    const tp_str piece{form.body().data() + at, size};
    return host_.send(request, &piece, 1, flags);
}

/// HEAD: the host drops a file without looking at it.
bool Sender::isCopied(tp_request* request, const Representation& form) const {
    return reads_ && !form.isInMemory() && host_.view(request)->method_id != TP_METHOD_HEAD;
}

// The common case holds nothing: only what the host has to wait for is remembered.
tp_verdict Sender::sendPart(tp_request* request, const Resource& resource, const Representation& form, uint64_t at,
                            uint64_t size) {
    if (!isCopied(request, form)) {
        const int32_t sent = sendPiece(request, form, at, size, TP_LAST);
        if (sent == TP_WAIT) transfers_[request] = {resource.shared_from_this()};
        return verdictOf(sent);
    }
    Transfer transfer{resource.shared_from_this(), &form, {}, {{false, at, size}}};
    const tp_verdict verdict = pump(request, transfer);
    if (verdict == TP_PENDING)
        transfers_[request] = std::move(transfer);
    else
        spare_ = std::move(transfer.chunk);
    return verdict;
}

tp_verdict Sender::whole(tp_request* request, const Resource& resource, const Representation& form) {
    const uint64_t size = form.size();
    if (host_.start(request, 200, form.fields(), form.fieldCount(), static_cast<int64_t>(size)) < 0)
        return TP_FAILED;
    return sendPart(request, resource, form, 0, size);
}

tp_verdict Sender::empty(tp_request* request, uint32_t status, const tp_field* fields, size_t count) {
    if (host_.start(request, status, fields, count, 0) < 0) return TP_FAILED;
    return verdictOf(host_.send(request, nullptr, 0, TP_LAST));
}

tp_verdict Sender::page(tp_request* request, uint32_t status, const tp_field* fields, size_t count,
                        std::string body) {
    if (host_.start(request, status, fields, count, static_cast<int64_t>(body.size())) < 0) return TP_FAILED;
    Transfer& transfer = transfers_[request];
    transfer.text = std::move(body);
    transfer.segments = {{true, 0, transfer.text.size()}};
    return pump(request, transfer);
}

tp_verdict Sender::parts(tp_request* request, const Resource& resource, const Representation& form,
                         const support::RangeSet& set) {
    if (set.count == 1) return onePart(request, resource, form, set.ranges[0]);
    // Content-Encoding cannot speak of the parts of a multipart body without speaking of the whole.
    if (form.coding() != Coding::Identity) return whole(request, resource, form);
    return manyParts(request, resource, form, set);
}

tp_verdict Sender::onePart(tp_request* request, const Resource& resource, const Representation& form,
                           const support::ByteRange& range) {
    std::array<tp_field, kMostFields> fields;
    std::copy_n(form.fields(), form.fieldCount(), fields.begin());
    const std::string content_range = contentRange(range, form.size());
    fields[form.fieldCount()] = {str("content-range"), str(content_range)};
    const auto length = static_cast<int64_t>(range.size());
    if (host_.start(request, 206, fields.data(), form.fieldCount() + 1, length) < 0) return TP_FAILED;
    return sendPart(request, resource, form, range.first, range.size());
}

std::string Sender::boundary() {
    const uint64_t count = boundaries_++;
    return "part-" +
           std::to_string(support::keyedHash(key_, {reinterpret_cast<const char*>(&count), sizeof count}));
}

tp_verdict Sender::manyParts(tp_request* request, const Resource& resource, const Representation& form,
                             const support::RangeSet& set) {
    const std::string mark = boundary();
    Transfer& transfer = transfers_[request];
    transfer = {resource.shared_from_this(), &form};
    uint64_t length = 0;
    const auto addText = [&](const std::string& text) {
        transfer.segments.push_back({true, transfer.text.size(), text.size()});
        transfer.text += text;
        length += text.size();
    };
    for (size_t i = 0; i < set.count; ++i) {
        const support::ByteRange& range = set.ranges[i];
        addText("\r\n--" + mark + "\r\ncontent-type: " + std::string(form.type()) +
                "\r\ncontent-range: " + contentRange(range, form.size()) + "\r\n\r\n");
        transfer.segments.push_back({false, range.first, range.size()});
        length += range.size();
    }
    addText("\r\n--" + mark + "--\r\n");
    std::array<tp_field, kMostFields> fields;
    std::copy_n(form.fields(), form.fieldCount(), fields.begin());
    const std::string type = "multipart/byteranges; boundary=" + mark;
    fields[0].value = str(type);
    if (host_.start(request, 206, fields.data(), form.fieldCount(), static_cast<int64_t>(length)) < 0)
        return TP_FAILED;
    return pump(request, transfer);
}

tp_verdict Sender::pump(tp_request* request, Transfer& transfer) {
    while (transfer.next < transfer.segments.size()) {
        const int32_t sent = sendNext(request, transfer);
        if (sent != TP_SENT) return verdictOf(sent);
    }
    return TP_DONE;
}

/// The next segment, or of a file that is copied as much as a chunk holds.
int32_t Sender::sendNext(tp_request* request, Transfer& transfer) {
    Segment& segment = transfer.segments[transfer.next];
    const bool is_copied = !segment.is_text && isCopied(request, *transfer.form);
    const uint64_t at = segment.at, size = is_copied ? std::min(segment.size, kChunk) : segment.size;
    segment.at += size;
    segment.size -= size;
    if (segment.size == 0) ++transfer.next;
    const uint32_t flags = transfer.next == transfer.segments.size() ? TP_LAST : 0;
    if (is_copied) return sendCopy(request, transfer, at, size, flags);
    if (!segment.is_text) return sendPiece(request, *transfer.form, at, size, flags);
    const tp_str text{transfer.text.data() + at, size};
    return host_.send(request, &text, 1, flags);
}

int32_t Sender::sendCopy(tp_request* request, Transfer& transfer, uint64_t at, uint64_t size, uint32_t flags) {
    if (!transfer.chunk) transfer.chunk = std::move(spare_);
    if (!transfer.chunk) transfer.chunk.reset(new char[kChunk]);  // not make_unique: it would clear the memory
    for (uint64_t have = 0; have < size;) {
        const int64_t got =
            io_.pread(request, transfer.form->fd(), transfer.chunk.get() + have, size - have, at + have);
        if (got <= 0) {
            const std::string why = got < 0 ? std::strerror(static_cast<int>(-got)) : "it is shorter than it was";
            host_.fail(request, 500, str("cannot read \"" + transfer.resource->source + "\" to its end: " + why));
            return -EIO;
        }
        have += static_cast<uint64_t>(got);
    }
    const tp_str piece{transfer.chunk.get(), size};
    return host_.send(request, &piece, 1, flags);
}

void Sender::resume(tp_request* request) {
    const auto found = transfers_.find(request);
    if (found == transfers_.end()) return;
    if (pump(request, found->second) == TP_FAILED)
        host_.fail(request, 500, str("the host took no more of a response"));
}

}  // namespace turnpike::static_files
