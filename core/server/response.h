// response.h - the answer to one request: head, body, the filters between the plugin and the client, and the
// promise that the declared length is kept. Part of an Exchange; loop thread only.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "sdk/plugin.h"
#include "server/site.h"
#include "server/stream.h"

struct tp_request;

namespace turnpike::server {

class Response {
 public:
    /// What one send leaves behind. Later: there is room, and resume() is to be called in the loop's next round.
    enum class Outcome : uint8_t { Sent, Wait, Later, Gone, Short };

    Response(tp_request* request, Arena& arena) : request_(request), arena_(arena) {}
    ~Response() { reset(); }
    Response(const Response&) = delete;
    Response& operator=(const Response&) = delete;

    void open(Stream* stream) { stream_ = stream; }
    /// Nothing more leaves.
    void detach() { stream_ = nullptr; }
    /// Bytes that were given to the stream and did not leave.
    void takeBack(uint64_t size) { sent_ -= std::min(sent_, size); }
    void setFilters(const std::vector<PluginSlot>* filters, bool head_request);
    void reset();

    int32_t start(unsigned status, const tp_field* fields, size_t count, int64_t length);
    /// Ahead of start(), past the filters. `leaves`: this client gets it.
    int32_t sendInterim(unsigned status, const tp_field* fields, size_t count, bool leaves);
    /// In place of start(): bytes pass as they are from here on, past the filters.
    int32_t startTunnel(std::string_view protocol, const tp_field* fields, size_t count);
    Outcome send(const tp_str* parts, size_t count, bool last);
    Outcome sendFile(int fd, uint64_t offset, uint64_t size, bool last, bool give_fd);
    /// As tp_response_service.splice(); `outcome` where bytes have moved.
    int64_t splice(Pipes& pipes, int fd, uint64_t most, Outcome* outcome);
    /// Closes a file that was given away. Before the request's account is closed.
    void closeFile();
    /// The stream has room again. Wait, Later: something is still being pumped through filters.
    Outcome resume();

    /// A change to the head, by access hooks and filters.
    int32_t change(std::string_view name, const std::string_view* value, bool add);
    /// A field behind the body, until its end is sent.
    int32_t addTrailer(std::string_view name, std::string_view value);
    void dropTrailers() { trailers_.clear(); }
    /// What access hooks said of another path.
    void dropChanges() { changes_.clear(); }
    /// In filters, a status that may be sent; ignored otherwise.
    void setStatus(unsigned status) {
        if (in_filters_ && status >= 200 && status <= 599) status_ = status;
    }
    /// `watches`: the filter hands everything on as it is.
    void filterBody(bool watches);
    int32_t emit(const tp_str* parts, size_t count);
    const tp_response_view* view() const { return in_filters_ ? &view_ : nullptr; }

    bool isStarted() const { return started_; }
    bool isComplete() const { return complete_; }
    unsigned status() const { return status_; }
    uint64_t bytesSent() const { return sent_; }
    /// Of them, those that went by splice().
    uint64_t bytesSpliced() const { return std::min(spliced_, sent_); }
    /// Bytes past the declared length that were dropped.
    uint64_t excess() const { return excess_; }

 private:
    struct Change {
        std::string_view name, value;
        enum class Kind : uint8_t { Set, Add, Remove } kind;
    };

    static bool areValid(const tp_field* fields, size_t count);
    void takeFields(const tp_field* fields, size_t count);
    void applyChanges(size_t from);
    void removeField(std::string_view name);
    void runHeadFilters();
    int64_t filteredLength() const;
    void sendHead(const tp_field* fields, size_t count);
    void tellTrailers();
    bool fitsLength(uint64_t size, bool last);
    Outcome sendPlain(const tp_str* parts, size_t count, bool last);
    Outcome filter(std::string_view data, bool last);
    bool takeBlock(std::string& block);
    Outcome pump();
    Outcome outcome(int32_t sent, bool last);
    bool maySplice(uint64_t most) const;

    tp_request* request_;
    Arena& arena_;
    Stream* stream_ = nullptr;
    const std::vector<PluginSlot>* filters_ = nullptr;
    std::vector<tp_field> fields_, trailers_;
    std::vector<Change> changes_;
    struct BodyFilter {
        size_t index;  // into *filters_
        bool watches;
    };
    std::vector<BodyFilter> body_filters_;
    std::string emitted_, held_;
    tp_response_view view_{};
    size_t filter_at_ = 0;
    unsigned status_ = 0;
    int64_t length_ = TP_LENGTH_UNKNOWN;  // declared
    uint64_t taken_ = 0, sent_ = 0, spliced_ = 0, excess_ = 0;
    size_t interims_ = 0, interim_bytes_ = 0;
    bool head_request_ = false, bodyless_ = false, started_ = false, complete_ = false, in_filters_ = false;
    struct {
        int fd = -1;
        uint64_t offset = 0, left = 0;
        bool last = false, owned = false;
        std::vector<tp_str> parts;  // without a file: memory that its owner keeps until it is told
    } pending_;                     // on its way through body filters
};

}  // namespace turnpike::server
