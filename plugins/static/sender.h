// sender.h - responses under way in one worker. What the host may still read stays alive until done(). One thread.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "resource.h"
#include "sdk/support/keyed_hash.h"
#include "sdk/support/ranges.h"

namespace turnpike::static_files {

class Sender {
 public:
    /// `key` makes boundaries that the author of a file cannot foresee. `reads`: files are copied, not sent by
    /// sendfile.
    Sender(const tp_host& host, const tp_io& io, support::HashKey key, bool reads)
        : host_(host), io_(io), key_(key), reads_(reads) {}

    /// 200 with all of it.
    tp_verdict whole(tp_request* request, const Resource& resource, const Representation& form);
    /// 206; multipart/byteranges for more than one range.
    tp_verdict parts(tp_request* request, const Resource& resource, const Representation& form,
                     const support::RangeSet& set);
    /// An answer made of `fields` and `body`.
    tp_verdict page(tp_request* request, uint32_t status, const tp_field* fields, size_t count, std::string body);
    /// An answer without a body.
    tp_verdict empty(tp_request* request, uint32_t status, const tp_field* fields, size_t count);

    /// The host takes more.
    void resume(tp_request* request);
    /// The request has ended.
    void done(tp_request* request) {
        if (!transfers_.empty()) transfers_.erase(request);
    }
    size_t underWay() const { return transfers_.size(); }

 private:
    /// A piece of Transfer::text, or of the representation.
    struct Segment {
        bool is_text;
        uint64_t at, size;
    };
    struct Transfer {
        std::shared_ptr<const Resource> resource;
        const Representation* form = nullptr;
        std::string text = {};
        std::vector<Segment> segments = {};  // what is left of them
        size_t next = 0;
        std::unique_ptr<char[]> chunk = {};  // of a file that is copied, as long as the host may look at it
    };

    bool isCopied(tp_request* request, const Representation& form) const;
    tp_verdict sendPart(tp_request* request, const Resource& resource, const Representation& form, uint64_t at,
                        uint64_t size);
    int32_t sendNext(tp_request* request, Transfer& transfer);
    int32_t sendCopy(tp_request* request, Transfer& transfer, uint64_t at, uint64_t size, uint32_t flags);
    int32_t sendPiece(tp_request* request, const Representation& form, uint64_t at, uint64_t size, uint32_t flags);
    tp_verdict onePart(tp_request* request, const Resource& resource, const Representation& form,
                       const support::ByteRange& range);
    tp_verdict manyParts(tp_request* request, const Resource& resource, const Representation& form,
                         const support::RangeSet& set);
    tp_verdict pump(tp_request* request, Transfer& transfer);
    std::string boundary();

    const tp_host& host_;
    const tp_io& io_;
    support::HashKey key_;
    bool reads_;
    std::unique_ptr<char[]> spare_;  // for the next transfer's chunk
    uint64_t boundaries_ = 0;
    std::unordered_map<tp_request*, Transfer> transfers_;
};

}  // namespace turnpike::static_files
