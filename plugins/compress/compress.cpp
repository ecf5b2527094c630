// compress.cpp - bodies on their way to the client, compressed: the hooks and what is kept for each answer.
#include <memory>
#include <unordered_map>
#include <utility>

#include "answer.h"
#include "encoder.h"
#include "entity_tag.h"
#include "load.h"
#include "vary.h"

namespace turnpike::compress {
namespace {

/// Hands on to the next filter or the client, which copies.
class Emitter : public Output {
 public:
    Emitter(const tp_host& host, tp_request* request) : host_(host), request_(request) {}
    void write(std::string_view bytes) override {
        const tp_str part = str(bytes);
        host_.emit(request_, &part, 1);
    }

 private:
    const tp_host& host_;
    tp_request* request_;
};

}  // namespace

struct Compress {
    static constexpr const char *name = "compress", *version = "1.0";
    static constexpr const char* summary = "compresses answers with brotli, zstd or gzip";
    static constexpr const auto& keys = kKeys;

    Compress(const tp_host& h, tp_setup& setup) : host(h), settings(h, setup) {}

    const tp_host& host;
    const Settings settings;

    class Worker {
     public:
        Worker(Compress& plugin, tp_worker*)
            : host_(plugin.host), settings_(plugin.settings), load_(plugin.settings.busy_percent) {}

        void onResponse(tp_request* request);
        void onResponseBody(tp_request* request, std::string_view data, bool last);
        /// Filters are not told of on_done(): this is the end of every request, also of one whose client left.
        void onLog(tp_request* request, const tp_log_record&) { encoders_.erase(request); }

     private:
        void set(tp_request* request, std::string_view field, const std::string& value) {
            const tp_str text = str(value);
            host_.set_field(request, str(field), &text);
        }
        Coding choose(const tp_request_view& asked, const tp_response_view& answer) const;
        bool begin(tp_request* request, Coding coding);
        std::unique_ptr<Encoder> make(Coding coding) const;

        const tp_host& host_;
        const Settings& settings_;
        std::unordered_map<tp_request*, std::unique_ptr<Encoder>> encoders_;
        Load load_;
    };
};

// The fields are read before the first is set: that may move them.
void Compress::Worker::onResponse(tp_request* request) {
    const tp_request_view& asked = *host_.view(request);
    const tp_response_view& answer = *host_.response(request);
    const std::string_view tag = answerField(answer, "etag");
    // A 304 updates the copy that it names (RFC 9111 section 4.3.4): the compressed one has the weak tag.
    const bool confirms = answer.status == 304 && isAskedWeakly(asked, tag);
    const Use use = useOf(answer, settings_);
    if (use == Use::None && !confirms) return;
    const Coding coding = use == Use::Compress ? choose(asked, answer) : Coding::Identity;
    const std::string weak_tag = isStrong(tag) ? weakened(tag) : "";
    if (const auto vary = mergedVary(answer)) set(request, "Vary", *vary);
    if (confirms) set(request, "ETag", weak_tag);
    // HEAD gets the fields of the GET (RFC 9110 section 9.3.2), and nothing is compressed for it.
    const bool is_head = asked.method_id == TP_METHOD_HEAD;
    if (coding == Coding::Identity || (!is_head && !begin(request, coding))) return;
    set(request, "Content-Encoding", std::string(support::codingName(coding)));
    if (!weak_tag.empty()) set(request, "ETag", weak_tag);
    host_.set_field(request, str("Accept-Ranges"), nullptr);
    host_.filter_body(request);
}

Coding Compress::Worker::choose(const tp_request_view& asked, const tp_response_view& answer) const {
    if (settings_.breach_safe && isPersonal(asked, answer)) return Coding::Identity;
    return support::AcceptEncoding(asked).choose(settings_.codings);
}

bool Compress::Worker::begin(tp_request* request, Coding coding) {
    if (encoders_.size() >= settings_.at_once || load_.isHigh(Load::Clock::now())) return false;
    std::unique_ptr<Encoder> encoder = make(coding);
    if (encoder == nullptr) return false;
    encoders_.insert_or_assign(request, std::move(encoder));
    return true;
}

std::unique_ptr<Encoder> Compress::Worker::make(Coding coding) const {
    switch (coding) {
        case Coding::Gzip:
            return makeGzip(settings_.gzip_level);
        case Coding::Brotli:
            return makeBrotli(settings_.brotli_level);
        case Coding::Zstd:
            return makeZstd(settings_.zstd_level);
        case Coding::Identity:
            break;
    }
    return nullptr;
}

// Every piece is flushed: the host does not tell whether the one behind it meant to wait, and for a piece of a
// file (64 KiB) a flush costs a thousandth of its size.
void Compress::Worker::onResponseBody(tp_request* request, std::string_view data, bool last) {
    const auto found = encoders_.find(request);
    if (found == encoders_.end() || (data.empty() && !last)) return;
    Emitter emitter(host_, request);
    const auto begin = Load::Clock::now();
    const bool is_good = found->second->encode(data, last, emitter);
    load_.add(begin, Load::Clock::now());
    if (is_good && !last) return;
    encoders_.erase(found);
    if (!is_good) host_.fail(request, 500, str("no memory to go on compressing the answer"));
}

}  // namespace turnpike::compress

TURNPIKE_PLUGIN(turnpike::compress::Compress)
