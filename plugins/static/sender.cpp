#include "sender.h"

#include <algorithm>
#include <array>
#include <utility>

namespace turnpike::static_files {
namespace {

constexpr size_t kMostFields = 9;  // those of a representation and Content-Range

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

// The common case holds nothing: only what the host has to wait for is remembered.
tp_verdict Sender::keep(tp_request* request, const Resource& resource, int32_t sent) {
    if (sent == TP_WAIT) transfers_[request] = {resource.shared_from_this()};
    return verdictOf(sent);
}

tp_verdict Sender::whole(tp_request* request, const Resource& resource, const Representation& form) {
    const uint64_t size = form.size();
    if (host_.start(request, 200, form.fields(), form.fieldCount(), static_cast<int64_t>(size)) < 0)
        return TP_FAILED;
    return keep(request, resource, sendPiece(request, form, 0, size, TP_LAST));
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
    return keep(request, resource, sendPiece(request, form, range.first, range.size(), TP_LAST));
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
        const Segment& segment = transfer.segments[transfer.next++];
        const uint32_t flags = transfer.next == transfer.segments.size() ? TP_LAST : 0;
        const tp_str text{transfer.text.data() + segment.at, segment.size};
        const int32_t sent = segment.is_text ? host_.send(request, &text, 1, flags)
                                             : sendPiece(request, *transfer.form, segment.at, segment.size, flags);
        if (sent != TP_SENT) return verdictOf(sent);
    }
    return TP_DONE;
}

void Sender::resume(tp_request* request) {
    const auto found = transfers_.find(request);
    if (found == transfers_.end()) return;
    if (pump(request, found->second) == TP_FAILED)
        host_.fail(request, 500, str("the host took no more of a response"));
}

}  // namespace turnpike::static_files
