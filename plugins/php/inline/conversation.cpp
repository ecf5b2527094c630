#include "conversation.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace turnpike::php {

using Outcome = fastcgi::Response::Outcome;

/// What the interpreter holds: a connection that carries one request.
class Conversation::Side final : public Stream {
 public:
    explicit Side(Conversation& conversation) : conversation_(conversation) {}
    bool begin() override { return !conversation_.head_.empty(); }
    size_t read(char* to, size_t size) override { return conversation_.read(to, size); }
    bool hasInput() override { return false; }
    bool write(std::string_view head, std::string_view data) override {
        return conversation_.write(head) && conversation_.write(data);
    }
    void flush() override {
        if (!conversation_.has_ended_) conversation_.deliver();
    }
    void closing() override {}
    void ending() override {}

 private:
    Conversation& conversation_;
};

void Conversation::begin(fastcgi::Exchange& exchange, std::string_view memory, int fd, uint64_t size) {
    exchange_ = &exchange;
    decoder_.reset();
    log_budget_ = {};
    head_ = exchange.outbound.head();
    memory_ = memory;
    fd_ = fd;
    size_ = size;
    taken_ = 0;
    is_open_ = true;
    body_ended_ = has_ended_ = is_gone_ = false;
    trouble_ = "PHP ended without an answer";
}

std::unique_ptr<Stream> Conversation::accept() {
    if (!std::exchange(is_open_, false)) return nullptr;
    return std::make_unique<Side>(*this);
}

size_t Conversation::read(char* to, size_t size) {
    if (!head_.empty()) {
        size_t part = std::min(size, head_.size());
        std::memcpy(to, head_.data(), part);
        head_.remove_prefix(part);
        return part;
    }
    if (body_ended_ || size <= fastcgi::kHeaderSize) return 0;
    size_t part = std::min<uint64_t>({size_ - taken_, size - fastcgi::kHeaderSize, fastcgi::kMaxChunk});
    part = part > 0 ? readBody(to + fastcgi::kHeaderSize, part) : 0;
    body_ended_ = part == 0;
    fastcgi::encodeHeader(to, fastcgi::Type::Stdin, part);
    return fastcgi::kHeaderSize + part;
}

size_t Conversation::readBody(char* to, size_t size) {
    if (fd_ >= 0) {
        int64_t got = services_.io->pread(exchange_->request, fd_, to, size, taken_);
        size = got > 0 ? static_cast<size_t>(got) : 0;
    } else {
        std::memcpy(to, memory_.data() + taken_, size);
    }
    taken_ += size;
    return size;
}

bool Conversation::write(std::string_view data) {
    while (!data.empty()) {
        fastcgi::Buffer& buffer = exchange_->response.room(buffers_);
        size_t part = std::min(data.size(), buffer.room());
        char* at = buffer.data + buffer.used;
        std::memcpy(at, data.data(), part);
        buffer.used += part;
        data.remove_prefix(part);
        if (!take({at, part})) return false;
    }
    return !is_gone_;
}

bool Conversation::take(std::string_view piece) {
    for (;;) {
        fastcgi::Event event = decoder_.next(piece);
        switch (event.kind) {
            case fastcgi::Event::Kind::NeedMore:
                return true;
            case fastcgi::Event::Kind::Stdout:
                if (exchange_->response.take(*services_.host, exchange_->request, event.data, true)) break;
                trouble_ = "PHP sent a bad response head: " + exchange_->response.reason();
                return false;
            case fastcgi::Event::Kind::Stderr:
                exchange_->errors.add(*services_.host, exchange_->request, event.data, log_budget_);
                break;
            case fastcgi::Event::Kind::End:
                exchange_->response.end();
                has_ended_ = true;
                return true;
            case fastcgi::Event::Kind::Bad:
                trouble_ = "PHP sent " + decoder_.cause();
                return false;
        }
    }
}

Outcome Conversation::deliver() {
    Outcome outcome =
        exchange_->response.deliver(*services_.host, exchange_->request, exchange_->is_head, buffers_);
    is_gone_ = is_gone_ || outcome == Outcome::Gone;
    return outcome;
}

}  // namespace turnpike::php
