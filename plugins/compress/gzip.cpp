#include <zlib.h>

#include <algorithm>
#include <new>

#include "encoder.h"

namespace turnpike::compress {
namespace {

constexpr int kGzipWrapper = 16;  // added to the window's bits: a gzip head and trailer instead of zlib's
constexpr int kMemoryLevel = 8;   // zlib's own default; about 256 KiB in all
// zlib counts in unsigned int, which a piece of a body may exceed.
constexpr size_t kMostAtOnce = 1u << 30;

class Gzip : public Encoder {
 public:
    explicit Gzip(int level)
        : usable_(deflateInit2(&stream_, level, Z_DEFLATED, MAX_WBITS + kGzipWrapper, kMemoryLevel,
                               Z_DEFAULT_STRATEGY) == Z_OK) {}
    ~Gzip() override {
        if (usable_) deflateEnd(&stream_);
    }
    Gzip(const Gzip&) = delete;
    Gzip& operator=(const Gzip&) = delete;

    bool isUsable() const { return usable_; }

    bool encode(std::string_view data, bool last, Output& output) override {
        for (; data.size() > kMostAtOnce; data.remove_prefix(kMostAtOnce))
            if (!run(data.substr(0, kMostAtOnce), Z_NO_FLUSH, output)) return false;
        return run(data, last ? Z_FINISH : Z_SYNC_FLUSH, output);
    }

 private:
    // Z_BUF_ERROR is none: the last block was filled exactly, and nothing is left.
    bool run(std::string_view data, int flush, Output& output) {
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
        stream_.avail_in = static_cast<uInt>(data.size());
        do {
            char block[kOutputBlock];
            stream_.next_out = reinterpret_cast<Bytef*>(block);
            stream_.avail_out = sizeof block;
            if (deflate(&stream_, flush) == Z_STREAM_ERROR) return false;
            if (const size_t size = sizeof block - stream_.avail_out; size > 0) output.write({block, size});
        } while (stream_.avail_out == 0);
        return true;
    }

    z_stream stream_{};
    bool usable_;
};

}  // namespace

std::unique_ptr<Encoder> makeGzip(int level) {
    std::unique_ptr<Gzip> gzip(new (std::nothrow) Gzip(level));
    return gzip != nullptr && gzip->isUsable() ? std::move(gzip) : nullptr;
}

}  // namespace turnpike::compress
