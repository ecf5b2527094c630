#include <brotli/encode.h>

#include <new>

#include "encoder.h"

namespace turnpike::compress {
namespace {

class Brotli : public Encoder {
 public:
    explicit Brotli(int level) : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
        if (state_ == nullptr) return;
        BrotliEncoderSetParameter(state_, BROTLI_PARAM_QUALITY, static_cast<uint32_t>(level));
        BrotliEncoderSetParameter(state_, BROTLI_PARAM_LGWIN, kWindowBits);
    }
    ~Brotli() override { BrotliEncoderDestroyInstance(state_); }
    Brotli(const Brotli&) = delete;
    Brotli& operator=(const Brotli&) = delete;

    bool isUsable() const { return state_ != nullptr; }

    bool encode(std::string_view data, bool last, Output& output) override {
        const auto operation = last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_FLUSH;
        size_t left = data.size();
        const auto* next = reinterpret_cast<const uint8_t*>(data.data());
        do {
            uint8_t block[kOutputBlock];
            size_t room = sizeof block;
            uint8_t* to = block;
            if (!BrotliEncoderCompressStream(state_, operation, &left, &next, &room, &to, nullptr)) return false;
            if (room < sizeof block) output.write({reinterpret_cast<char*>(block), sizeof block - room});
        } while (left > 0 || BrotliEncoderHasMoreOutput(state_));
        return true;
    }

 private:
    BrotliEncoderState* state_;
};

}  // namespace

std::unique_ptr<Encoder> makeBrotli(int level) {
    std::unique_ptr<Brotli> brotli(new (std::nothrow) Brotli(level));
    return brotli != nullptr && brotli->isUsable() ? std::move(brotli) : nullptr;
}

}  // namespace turnpike::compress
