// request.hpp - one request of a test: what the client sends and how it behaves, and afterwards what came of it.
#pragma once
#include <strings.h>
#include <unistd.h>

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../plugin.hpp"
#include "check.hpp"
#include "setup.hpp"

namespace turnpike::fake {

using Fields = std::vector<std::pair<std::string, std::string>>;

inline constexpr size_t kUnlimited = SIZE_MAX;

/// TP_HAS_* of a field, 0 where it has none.
inline uint64_t presenceOf(std::string_view name) {
    const std::string_view known[] = {"if-match", "if-none-match", "if-modified-since", "if-unmodified-since",
                                      "if-range", "range",         "accept-encoding",   "authorization",
                                      "cookie"};
    for (size_t i = 0; i < std::size(known); ++i)
        if (known[i] == name) return uint64_t{1} << i;
    return 0;
}

/// Made by Host::request(), lives as long as the Host. The first half of the members say what the client does and
/// return *this; the second half are results, settled when done().
class Request {
 public:
    // --- what the client sends
    Request& field(std::string_view name, std::string value) {
        std::string lower(name);
        for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        sent_fields_.emplace_back(std::move(lower), std::move(value));
        return *this;
    }
    /// A body whose length the client says, all of it there at once.
    Request& body(std::string whole) {
        body_length_ = static_cast<int64_t>(whole.size());
        parts_.push_back(std::move(whole));
        body_ended_ = true;
        return *this;
    }
    /// A body without a length, part by part; may also be called while the request runs. end() ends it.
    Request& part(std::string data) {
        if (!has_length_ && upgrade_.empty()) body_length_ = TP_LENGTH_UNKNOWN;
        body_ended_ = false;
        parts_.push_back(std::move(data));
        if (on_change_) on_change_();
        return *this;
    }
    /// Before the first part(): the client says this length.
    Request& length(int64_t bytes) {
        body_length_ = bytes;
        has_length_ = true;
        body_ended_ = false;
        return *this;
    }
    Request& end() {
        body_ended_ = true;
        if (on_change_) on_change_();
        return *this;
    }
    /// spool_body() brings the body in a file instead of in memory.
    Request& spoolToFile() { return set(spool_to_file_, true); }
    /// spool_body() fails the request with this status.
    Request& spoolFails(unsigned status) { return set(spool_status_, status); }
    /// The client takes at most `bytes` of the response body in each turn of the loop; 0: nothing until called
    /// again.
    Request& takes(size_t bytes) {
        window_ = window_left_ = bytes;
        if (on_change_) on_change_();
        return *this;
    }
    /// The client leaves once it has that many bytes of the body.
    Request& leavesAfter(size_t bytes) { return set(leaves_after_, bytes); }
    /// The client leaves now.
    void leave() {
        gone_ = true;
        if (on_change_) on_change_();
    }
    /// The client says "TE: trailers".
    Request& takesTrailers() { return set(takes_trailers_, true); }
    Request& memory(size_t bytes) { return set(memory_limit_, bytes); }
    Request& remote(std::string address, uint16_t port) {
        remote_port_ = port;
        return set(remote_address_, std::move(address));
    }
    Request& host(std::string name) { return set(host_, std::move(name)); }
    Request& protocol(std::string name) { return set(protocol_, std::move(name)); }
    /// The client offers to switch to another protocol; what it says in it are part()s, until end().
    Request& offers(std::string protocols) {
        body_ended_ = false;
        return set(upgrade_, std::move(protocols));
    }
    Request& routePrefix(std::string prefix) { return set(route_prefix_, std::move(prefix)); }
    Request& secure() { return set(secure_, true); }
    /// Access hooks are asked once more, about a file at this path that was found for the first one.
    Request& found(std::string path) { return set(found_, std::move(path)); }
    /// The site has access hooks, which are to be asked about the file of another path; they let it pass.
    Request& guarded() { return set(is_guarded_, true); }
    /// What answers when the plugin under test does not: for access hooks, filters and observers.
    Request& content(unsigned status, Fields fields, std::string text) {
        stand_in_status_ = status;
        stand_in_fields_ = std::move(fields);
        return set(stand_in_body_, std::move(text));
    }

    // --- what came of it
    bool done() const { return done_; }
    unsigned status() const { return status_; }
    const Fields& fields() const { return fields_; }
    /// The value of the first response field of that name (in any case), empty when there is none.
    std::string field(std::string_view name) const {
        for (auto& [key, value] : fields_)
            if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0) return value;
        return {};
    }
    /// What the client got of the body.
    const std::string& text() const { return text_; }
    /// How much of it came by splice().
    uint64_t spliced() const { return spliced_; }
    /// The fields that followed the body; none when nobody would read them.
    const Fields& trailers() const { return trailers_; }
    struct Interim {
        unsigned status;
        Fields fields;
    };
    /// The interim responses that came before the answer.
    const std::vector<Interim>& interims() const { return interims_; }
    /// The plugin ended its sending in a tunnel, before the tunnel's end.
    bool sendingEnded() const { return sending_ended_; }
    /// The length that the head announced, or TP_LENGTH_UNKNOWN.
    int64_t announced() const { return announced_; }
    /// on_request() or on_access() left it alone.
    bool declined() const { return declined_; }
    /// on_done(aborted) said so: the client left, or the host ended it.
    bool aborted() const { return aborted_; }
    /// The connection ended before the body was whole.
    bool truncated() const { return truncated_; }
    /// Status and cause of fail(), 0 and empty otherwise.
    unsigned failedWith() const { return failed_with_; }
    const std::string& cause() const { return cause_; }
    const std::vector<std::string>& redirects() const { return redirects_; }
    /// The last of them was a rewrite(): method and body stayed.
    bool rewritten() const { return rewritten_; }
    /// Bit n: TP_PHASE n was marked.
    uint32_t marks() const { return marks_; }
    /// When TP_PHASE n was marked last.
    uint64_t markedNs(uint32_t phase) const { return phase_ns_[phase]; }
    const std::string& remoteUser() const { return remote_user_; }
    /// What set_variable() told programs, and set_error_page(), of the last path.
    const Fields& variables() const { return variables_; }
    const std::vector<std::pair<unsigned, std::string>>& errorPages() const { return error_pages_; }
    /// The request's first field of that lower-case name as handlers saw it, empty when there was none.
    std::string asked(std::string_view name) const {
        for (auto& [key, value] : hook_fields_)
            if (key == name) return value;
        for (auto& [key, value] : sent_fields_)
            if (key == name) return value;
        return {};
    }
    /// How often send() or send_file() made the plugin wait.
    unsigned waits() const { return waits_; }
    /// Bytes taken from allocate().
    size_t allocated() const { return allocated_; }
    uint64_t id() const { return id_; }
    /// The id of the request for which the plugin began this one; 0: the test did.
    uint64_t backgroundOf() const { return background_of_; }
    /// One line on where it stands, for a test's message when run() returns false.
    std::string why() const {
        if (done_) return "it is done";
        std::string line = begun_ ? "began a response" : "began no response";
        line += owned_ ? ", owned by the plugin" : "";
        line += held_ ? ", held by on_access()" : "";
        line += reading_ ? ", waits for the body" : "";
        line += waiting_ ? ", the client has not taken all of the last send()" : "";
        if (begun_ && !ended_)
            line +=
                ", no TP_LAST yet after " + std::to_string(sent_) + " of " + std::to_string(length_) + " bytes";
        return line;
    }

    tp_request* handle() { return reinterpret_cast<tp_request*>(this); }

    // --- for the functions of the host
    void* keep(const void* key, size_t size, void (*over)(void*)) {
        enter("state");
        for (State& state : states_)
            if (state.key == key) return state.memory.get();
        states_.push_back({key, std::make_unique<std::max_align_t[]>(size / sizeof(std::max_align_t) + 1), over});
        return states_.back().memory.get();
    }
    int32_t setVariable(std::string name, std::string value) {
        inAccess("set_variable");
        std::erase_if(variables_, [&](const auto& variable) { return variable.first == name; });
        variables_.emplace_back(std::move(name), std::move(value));
        return 0;
    }
    int32_t setRequestField(const std::string& name, const std::string* value, uint64_t bit) {
        inAccess("set_request_field");
        std::erase_if(hook_fields_, [&](const auto& field) { return field.first == name; });
        hook_fields_.emplace_back(name, value != nullptr ? *value : std::string());
        std::erase_if(live_->fields, [&](const tp_field& field) { return turnpike::text(field.name) == name; });
        if (value != nullptr)
            live_->fields.push_back(
                {str(live_->texts.emplace_back(name)), str(live_->texts.emplace_back(*value))});
        tp_request_view& view = live_->view;
        view.fields = live_->fields.data();
        view.field_count = static_cast<uint32_t>(live_->fields.size());
        view.present = value != nullptr ? view.present | bit : view.present & ~bit;
        return 0;
    }
    int32_t isStandIn() {
        inAccess("stands_in");
        return stands_in_ ? 1 : 0;
    }
    int32_t goOnAs(std::string path) {
        if (!is_guarded_ || path == live_->path) return 0;
        found_ = std::move(path);
        return 1;
    }
    int32_t setErrorPage(unsigned status, std::string target) {
        inAccess("set_error_page");
        error_pages_.emplace_back(status, std::move(target));
        return 0;
    }

 private:
    friend class Outgoing;
    friend class Engine;
    friend class Host;
    friend struct HostTable;

    enum class Hook : uint8_t { None, Access, Response, Body };
    struct FieldChange {
        std::string name, value;
        bool replaces, adds;
    };

    /// What the plugin keeps with the request.
    struct State {
        const void* key;
        std::unique_ptr<std::max_align_t[]> memory;
        void (*end)(void*);
    };
    void endStates() {
        for (State& state : states_)
            if (state.end != nullptr) state.end(state.memory.get());
        states_.clear();
    }

    /// Part of a body on its way to the client.
    struct Chunk {
        const char* data = nullptr;  // the plugin's own memory, or `copy`
        std::string copy = {};
        int fd = -1;
        bool give = false;
        uint64_t at = 0, left = 0;
        size_t check = 0;  // hash of the plugin's memory when it was handed over
    };

    /// What the plugin may see until on_done(). Freed then, so that a sanitizer finds who looks later.
    struct Live {
        tp_request_view view{};
        std::string method, target, path, query;
        std::vector<tp_field> fields;
        std::deque<std::string> texts;  // of fields that hooks have set
        std::vector<std::unique_ptr<std::max_align_t[]>> memory;
        tp_response_view response{};
        std::vector<tp_field> response_fields;
        tp_body body{};
        std::string spooled;
        int spool_fd = -1;
        ~Live() {
            if (spool_fd >= 0) ::close(spool_fd);
        }
    };

    /// What the plugin may use, or the end of the test when the request is over.
    Live& live(const char* function) {
        if (live_ == nullptr) die(std::string(function) + "() of a request after its on_done()");
        return *live_;
    }
    void enter(const char* function) {
        loopOnly(function);
        live(function);
    }
    void inHook(Hook hook, const char* function, const char* name) {
        enter(function);
        if (hook_ != hook) die(std::string(function) + "() outside " + name + "()");
    }

    void inAccess(const char* function) {
        enter(function);
        if (hook_ != Hook::Access && !held_) die(std::string(function) + "() outside on_access()");
    }

    template <class T, class V>
    Request& set(T& member, V value) {
        member = std::move(value);
        return *this;
    }

    std::function<void()> on_change_;
    // the client's side
    std::string method_, target_, upgrade_, host_ = "localhost", protocol_ = "HTTP/1.1", route_prefix_;
    std::string remote_address_ = "127.0.0.1", remote_user_;
    uint16_t remote_port_ = 50000;
    bool secure_ = false, takes_trailers_ = false;
    Fields sent_fields_;
    int64_t body_length_ = 0;
    std::deque<std::string> parts_;
    bool body_ended_ = true, has_length_ = false, spool_to_file_ = false;
    unsigned spool_status_ = 0;
    size_t window_ = kUnlimited, window_left_ = kUnlimited, leaves_after_ = kUnlimited, memory_limit_ = 1u << 20;
    unsigned stand_in_status_ = 0;
    Fields stand_in_fields_;
    std::string stand_in_body_, found_;
    bool is_guarded_ = false, stands_in_ = false;
    // its state
    uint64_t id_ = 0, background_of_ = 0, received_ns_ = 0;
    std::unique_ptr<Live> live_;
    Hook hook_ = Hook::None;
    bool held_ = false, passed_ = false;  // by on_access(), by proceed()
    bool sent_off_ = false, owned_ = false, on_pool_ = false, declined_ = false, redirecting_ = false,
         rewritten_ = false;
    bool reading_ = false, body_over_ = false, spooling_ = false;
    bool begun_ = false, head_left_ = false, ended_ = false, waiting_ = false, refilling_ = false;
    bool sending_ended_ = false, filtered_ = false, watched_ = false, gone_ = false;
    bool finishing_ = false, done_ = false, aborted_ = false, truncated_ = false, warned_ = false;
    unsigned attempt_ = 0;
    int64_t length_ = TP_LENGTH_UNKNOWN, announced_ = TP_LENGTH_UNKNOWN;
    uint64_t sent_ = 0, spliced_ = 0, body_received_ = 0;
    std::deque<Chunk> queue_;
    std::vector<State> states_;
    Fields variables_, hook_fields_;
    std::vector<std::pair<unsigned, std::string>> error_pages_;
    std::vector<FieldChange> changes_;  // asked for in on_access(), made when the head leaves
    // results
    unsigned status_ = 0, failed_with_ = 0, waits_ = 0;
    Fields fields_, trailers_;
    std::vector<Interim> interims_;
    size_t interim_bytes_ = 0;
    std::string text_, cause_;
    std::vector<std::string> redirects_;
    uint32_t marks_ = 0;
    uint64_t phase_ns_[TP_PHASE_COUNT] = {};
    size_t allocated_ = 0;
};

}  // namespace turnpike::fake
