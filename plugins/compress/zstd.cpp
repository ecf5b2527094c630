#include <zstd.h>

#include <new>

#include "encoder.h"

namespace turnpike::compress {
namespace {

class Zstd : public Encoder {
 public:
    explicit Zstd(int level) : state_(ZSTD_createCCtx()) {
        if (state_ == nullptr) return;
        ZSTD_CCtx_setParameter(state_, ZSTD_c_compressionLevel, level);
        ZSTD_CCtx_setParameter(state_, ZSTD_c_windowLog, kWindowBits);
        // The tables of the higher levels are made for larger windows, and take 13 MiB.
        ZSTD_CCtx_setParameter(state_, ZSTD_c_hashLog, kWindowBits - 1);
        ZSTD_CCtx_setParameter(state_, ZSTD_c_chainLog, kWindowBits - 2);
    }
    ~Zstd() override { ZSTD_freeCCtx(state_); }
    Zstd(const Zstd&) = delete;
    Zstd& operator=(const Zstd&) = delete;

    bool isUsable() const { return state_ != nullptr; }

    bool encode(std::string_view data, bool last, Output& output) override {
        ZSTD_inBuffer from{data.data(), data.size(), 0};
        size_t left = 0;
        do {
            char block[kOutputBlock];
            ZSTD_outBuffer to{block, sizeof block, 0};
            left = ZSTD_compressStream2(state_, &to, &from, last ? ZSTD_e_end : ZSTD_e_flush);
            if (ZSTD_isError(left) != 0) return false;
            if (to.pos > 0) output.write({block, to.pos});
        } while (left > 0);
        return true;
    }

 private:
    ZSTD_CCtx* state_;
};

}  // namespace

std::unique_ptr<Encoder> makeZstd(int level) {
    std::unique_ptr<Zstd> zstd(new (std::nothrow) Zstd(level));
    return zstd != nullptr && zstd->isUsable() ? std::move(zstd) : nullptr;
}

}  // namespace turnpike::compress
