// answer_body.h - the body of an upstream's answer: its bytes without their framing, and the fields behind it.
// Pure; one object reads one body after the other.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "answer_head.h"
#include "sdk/http/chunked.h"

namespace turnpike::proxy {

class AnswerBody {
 public:
    enum class State : uint8_t { More, End, Bad };

    AnswerBody() = default;
    AnswerBody(const AnswerBody&) = delete;
    AnswerBody& operator=(const AnswerBody&) = delete;

    /// `length`: with Framing::Length.
    void begin(Framing framing, int64_t length) {
        framing_ = framing;
        left_ = framing == Framing::Length ? static_cast<uint64_t>(length) : 0;
        trailers_.clear();
        decoder_ = http::ChunkedDecoder(&trailers_);
    }

    /// Takes from `input` what belongs to the body and calls add(std::string_view) for each piece. End: what is
    /// left of `input` does not belong to it.
    template <class Add>
    State feed(std::string_view& input, Add add) {
        switch (framing_) {
            case Framing::None:
                return State::End;
            case Framing::Length:
                return feedLength(input, add);
            case Framing::Chunked:
                return feedChunked(input, add);
            case Framing::Close:
                break;
        }
        if (!input.empty()) add(input);
        input = {};
        return State::More;
    }
    /// How many of the next bytes are the body's without doubt, and not the last of it: what stands behind that
    /// one is to be seen with it.
    uint64_t passable() const {
        if (framing_ == Framing::Close) return UINT64_MAX;
        return framing_ == Framing::Length && left_ > 0 ? left_ - 1 : 0;
    }
    /// Of a body whose length is known, what has not come yet; 0 of others.
    uint64_t left() const { return left_; }
    /// So many of them went by.
    void passed(uint64_t bytes) {
        if (framing_ == Framing::Length) left_ -= bytes;
    }
    /// The upstream has closed. False: the body is cut.
    bool endsWithConnection() const { return framing_ == Framing::Close; }
    const char* reason() const { return decoder_.reason(); }
    /// The lines of the trailer section, each with CRLF; their grammar is checked.
    const std::string& trailers() const { return trailers_; }

 private:
    template <class Add>
    State feedLength(std::string_view& input, Add add) {
        const auto size = static_cast<size_t>(std::min<uint64_t>(left_, input.size()));
        if (size > 0) add(input.substr(0, size));
        input.remove_prefix(size);
        left_ -= size;
        return left_ == 0 ? State::End : State::More;
    }
    template <class Add>
    State feedChunked(std::string_view& input, Add add) {
        using Decoded = http::ChunkedDecoder::State;
        for (;;) {
            const http::ChunkedDecoder::Step step = decoder_.feed(input);
            input.remove_prefix(step.consumed);
            if (step.state == Decoded::More) return State::More;
            if (step.state == Decoded::End) return State::End;
            if (step.state == Decoded::Bad) return State::Bad;
            add(step.data);
        }
    }

    Framing framing_ = Framing::None;
    uint64_t left_ = 0;
    http::ChunkedDecoder decoder_;
    std::string trailers_;
};

}  // namespace turnpike::proxy
