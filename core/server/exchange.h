// exchange.h - one request and its answer: the pipeline from routing to the log line. It is the tp_request of the
// plugin ABI. Pooled and reused by its worker; loop thread only, except where a blocking plugin runs on the pool.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "http/request_head.h"
#include "ledger/ledger.h"
#include "server/body_spool.h"
#include "server/response.h"
#include "server/site.h"
#include "server/stream.h"
#include "server/ticket.h"

/// The opaque request of plugin.h.
struct tp_request {};

namespace turnpike::server {

class Runtime;
struct Handover;

class Exchange final : public tp_request {
 public:
    explicit Exchange(Runtime& runtime);
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    // From the stream. -----------------------------------------------------------------------------------------
    /// A request has come; account() may have been charged before.
    void open(Stream& stream, uint64_t received_ns);
    /// Given back without having been opened: what was read for it is the worker's.
    void discard();
    /// Runs the pipeline. The head's views must live until the exchange has ended;
    /// onGone() takes them over when the connection goes first.
    void run(const http::RequestHead& head);
    /// Answers a request that could not be parsed; no plugin sees it.
    void refuse(unsigned status, std::string_view reason);
    /// What is known of a head that is refused, for the logs.
    void noteRefused(const http::RequestHead& head);
    void onBody(std::string_view data, bool last);
    /// The body cannot come to its end: 408 too slow, 400 malformed, 413 too long.
    void onBodyFailed(unsigned status, std::string_view cause);
    void onWritable();
    /// Everything has left: the end.
    void onSent();
    /// The client is gone; the stream is not used any more. `block` holds what the head's views point into,
    /// `unsent` bytes of the answer did not leave; `abandoned` counts it as long as it runs on.
    void onGone(std::unique_ptr<char[]> block, uint64_t unsent, Abandoned* abandoned = nullptr);

    // From the host table: see plugin.h for each. ------------------------------------------------------------
    const tp_request_view& view() const { return view_; }
    int32_t start(unsigned status, const tp_field* fields, size_t count, int64_t length);
    int32_t sendInterim(unsigned status, const tp_field* fields, size_t count);
    int32_t upgrade(std::string_view protocol, const tp_field* fields, size_t count);
    int32_t endSending();
    int32_t send(const tp_str* parts, size_t count, bool last);
    int32_t sendFile(int fd, uint64_t offset, uint64_t size, bool last, bool give_fd);
    int64_t splice(int fd, uint64_t most, int32_t* sent);
    void fail(unsigned status, std::string_view cause);
    /// What a redirected request becomes: a GET without a body, what it was for another path, or what it was for a
    /// file that its route has found.
    enum class As : uint8_t { Get, Itself, Found };
    int32_t redirect(std::string_view target, As as = As::Get);
    int32_t rewrite(std::string_view target);
    void proceed();
    void readBody();
    void spoolBody();
    void setRemoteUser(std::string_view name);
    void* state(const void* key, size_t size, void (*release)(void*));
    int32_t setVariable(std::string_view name, std::string_view value);
    int32_t setErrorPage(unsigned status, std::string_view target);
    int32_t setRequestField(std::string_view name, const std::string_view* value);
    bool standsIn() const { return stands_in_; }
    bool goOnAs(std::string_view path);
    void mark(uint32_t phase);
    tp_ticket* defer();
    void forget(tp_ticket* ticket) { tickets_.forget(ticket); }
    void log(int32_t level, std::string_view text) const;
    Response& response() { return response_; }

    ledger::Account& account() { return account_; }
    Arena& arena() { return arena_; }
    const Site* site() const { return site_; }
    /// A plugin made it for itself.
    bool isBackground() const { return view_.background_of != 0; }
    /// The route that was chosen; null before.
    const Route* route() const { return route_; }

 private:
    enum class Body : uint8_t { Untouched, Reading, Spooling, Spooled, Dropped };
    class Hook;
    static constexpr uint32_t kMostRedirects = 10;

    void fillView(const http::RequestHead& head);
    void fillTls(const net::TlsSession& session);
    const Site* siteFor(std::string_view host);
    bool redirectsToTls(const http::RequestHead& head);
    void addHsts();
    bool decodeTarget(const http::RequestHead& head);
    bool isFromProxy() const;
    void believeProxy(const Peer& peer);
    bool decodePath(std::string_view raw);
    void process();
    bool passesAccess();
    void runPassed();
    bool isBodyOutOfReach();
    /// An answer has begun, or where the request goes is settled otherwise.
    bool isDecided() const;
    void runRoutes();
    bool tryFiles(const Route& route);
    void goOnWith(std::string_view path);
    bool fileExists(std::string_view path);
    std::string expand(std::string_view pattern, bool as_target) const;
    std::string candidate(std::string_view pattern) const;
    void call(const PluginSlot& slot);
    void callOnPool(const PluginSlot& slot);
    void keepAddresses();
    void onPoolVerdict(tp_verdict verdict, const ledger::Account& account);
    bool apply(tp_verdict verdict);
    void answerUnhandled();
    void answerOptions();
    void answerStatus(unsigned status);
    bool redirectToErrorPage(unsigned status);
    int32_t told(Response::Outcome outcome);
    void timeHead();
    /// Whose the answer is that a script begins.
    enum class ScriptAnswer : uint8_t { Own, HandedOver, Refused };
    bool isFromScript() const;
    ScriptAnswer takeScriptFields(unsigned status, const tp_field*& fields, size_t& count);
    ScriptAnswer handOver(const Handover& found);
    void leaveOutHandover(const tp_field*& fields, size_t& count);
    void keepFields(const tp_field* fields, size_t count);
    int32_t swallow(bool last);
    void applyKeptFields(unsigned status);
    void resumeNextRound();
    void failBody(unsigned status, std::string_view cause);
    void deliverSpool();
    void dropBody();
    void askDropped(Body as);
    void deliverNothing();

    void settle();
    void settleLater();
    void runRedirect();
    void becomeGet();
    void own(const PluginSlot& slot);
    void releaseOwner(bool aborted);
    void letGo();
    /// What access hooks said of the path that the request had.
    void dropAccessWords();
    void endStates();
    std::string_view errorPageFor(unsigned status) const;
    void end();
    void reset();
    void record(tp_log_record& to, uint64_t now_ns) const;
    bool isObserved() const;
    /// Somebody will be told how long routing and the first byte took: each is a clock read.
    bool isTimed() const;
    void writeLogs(const tp_log_record& line);
    bool isCounted() const;
    void countStatus();

    Runtime& runtime_;
    Arena arena_;
    Response response_;
    ledger::Account account_;
    Stream* stream_ = nullptr;
    const Site* site_ = nullptr;
    const Route* route_ = nullptr;
    tp_request_view view_{};
    std::unique_ptr<char[]> kept_;  // what the views point into, once the connection is gone
    std::string_view network_;      // whom limits for one client count it to
    std::string addresses_;         // the same for the peer's addresses

    const PluginSlot* owner_ = nullptr;  // did not decline: gets on_done() once
    uint64_t owned_ns_ = 0;              // since when, on the loop's clock
    const char* answered_by_ = "";
    /// How it stands with the access hooks: one is being asked, holds the request, or has let go of it.
    enum class Access : uint8_t { Past, Asking, Held, Passed } access_ = Access::Past;
    size_t next_access_ = 0, next_route_ = 0;
    bool stands_in_ = false,  // the path is that of a file which was found for the path that came
        is_chosen_ = false;   // and the next route is the one that goes on with it
    uint32_t redirects_ = 0;
    std::string redirect_target_;
    std::string handover_;  // where a script has sent the request whose answer it still writes; empty: nowhere
    std::vector<std::pair<std::string, std::string>> kept_fields_;  // of the script's answer
    bool redirect_internal_ = false,
         internal_ = false;      // by a script's word or for an error page, not by a client's
    unsigned error_status_ = 0;  // an error page is being fetched for it
    int hooks_ = 0;
    bool open_ = false, on_pool_ = false, settle_queued_ = false, redirecting_ = false;
    bool waiting_ = false, paused_ = false, aborted_ = false, gone_ = false, finishing_ = false, sent_ = false;

    Body body_ = Body::Untouched;
    Body asked_ = Body::Untouched;  // how a body that was dropped is waited for: Reading or Spooling
    As redirect_as_ = As::Get;
    bool body_ended_ = false;
    uint64_t body_received_ = 0;
    BodySpool spool_;
    tp_body spooled_{};

    struct State {
        const void* key;
        void* memory;
        void (*end)(void*);
    };
    std::vector<State> states_;
    std::vector<tp_field> variables_;
    /// The fields as the client sent them, while access hooks have others in their place; null: they have not.
    struct {
        const tp_field* fields = nullptr;
        uint32_t count = 0;
        uint64_t present = 0;
    } sent_fields_;
    std::vector<std::pair<unsigned, std::string_view>> error_pages_;  // that access hooks set

    Abandoned* abandoned_ = nullptr;
    Tickets tickets_;
    uint64_t routed_ns_ = 0, first_sent_ns_ = 0, phases_[TP_PHASE_COUNT] = {};
};

/// A hook is under way: its crossings are the request's, and the request does not end before it returns.
class Exchange::Hook {
 public:
    explicit Hook(Exchange& exchange) : exchange_(exchange), charge_(exchange.account_) { ++exchange_.hooks_; }
    ~Hook() {
        if (--exchange_.hooks_ == 0) exchange_.settle();
    }
    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;

 private:
    Exchange& exchange_;
    ledger::Scope charge_;
};

}  // namespace turnpike::server
