#include "inflate.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

namespace turnpike::compress {
namespace {

std::string gunzip(std::string_view bytes, bool& ended) {
    z_stream stream{};
    inflateInit2(&stream, MAX_WBITS + 16);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::string text;
    int result = Z_OK;
    while (result == Z_OK) {
        char block[65536];
        stream.next_out = reinterpret_cast<Bytef*>(block);
        stream.avail_out = sizeof block;
        result = inflate(&stream, Z_SYNC_FLUSH);
        text.append(block, sizeof block - stream.avail_out);
    }
    ended = result == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    return text;
}

std::string unbrotli(std::string_view bytes, bool& ended) {
    BrotliDecoderState* state = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
    size_t left = bytes.size();
    const auto* next = reinterpret_cast<const uint8_t*>(bytes.data());
    std::string text;
    auto result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
        uint8_t block[65536], *to = block;
        size_t room = sizeof block;
        result = BrotliDecoderDecompressStream(state, &left, &next, &room, &to, nullptr);
        text.append(reinterpret_cast<char*>(block), sizeof block - room);
    }
    ended = result == BROTLI_DECODER_RESULT_SUCCESS && left == 0;
    BrotliDecoderDestroyInstance(state);
    return text;
}

std::string unzstd(std::string_view bytes, bool& ended) {
    ZSTD_DCtx* state = ZSTD_createDCtx();
    ZSTD_inBuffer from{bytes.data(), bytes.size(), 0};
    std::string text;
    size_t left = 1, got = 1;
    while (left > 0 && ZSTD_isError(left) == 0 && (from.pos < from.size || got > 0)) {
        char block[65536];
        ZSTD_outBuffer to{block, sizeof block, 0};
        left = ZSTD_decompressStream(state, &to, &from);
        got = to.pos;
        text.append(block, to.pos);
    }
    ended = left == 0 && from.pos == from.size;
    ZSTD_freeDCtx(state);
    return text;
}

}  // namespace

std::string decoded(std::string_view coding, std::string_view bytes, bool* ended) {
    bool ignored = false;
    bool& end = ended != nullptr ? *ended : ignored;
    if (coding == "gzip") return gunzip(bytes, end);
    if (coding == "br") return unbrotli(bytes, end);
    if (coding == "zstd") return unzstd(bytes, end);
    end = true;
    return std::string(bytes);
}

std::string pageOf(size_t size) {
    std::string page;
    for (unsigned i = 1; page.size() < size; i = i * 1664525 + 1013904223)
        page += "<li class=\"entry\">" + std::to_string(i >> 16) + "</li>\n";
    page.resize(size);
    return page;
}

}  // namespace turnpike::compress
