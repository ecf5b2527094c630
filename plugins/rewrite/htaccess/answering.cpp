#include "answering.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "field_change.h"
#include "sdk/support/http_date.h"
#include "sdk/support/lists.h"

namespace turnpike::rewrite::htaccess {
namespace {

class Answering {
 public:
    Answering(const tp_host& host, tp_request* request, const Visit& visit, const Subject& subject, Effort& effort)
        : host_(host),
          request_(request),
          visit_(visit),
          subject_(subject),
          effort_(effort),
          now_(host.view(request)->received_unix_ms / 1000) {}

    void run() {
        const uint32_t status = host_.response(request_)->status;
        if (status < 400) {
            changeTypes();
            expire();
        }
        for (const Block* block : visit_.blocks)
            for (const HeaderChange& change : block->headers)
                if (change.always || isOfContent(status)) obey(change);
    }

 private:
    /// Header without "always" is for what content says, also when a program says that something is missing; not
    /// for what the server answers in its place, as it does for a folder without its slash.
    bool isOfContent(uint32_t status) const {
        const bool is_slash = status >= 300 && status < 400 && visit_.name.empty() && !visit_.file.ends_with('/');
        return !visit_.is_own && !is_slash && (status < 400 || isProgram(visit_.name));
    }
    std::vector<std::string> values(std::string_view name) const {
        const tp_response_view& view = *host_.response(request_);
        const std::string wanted = support::lowered(name);
        std::vector<std::string> found;
        for (size_t i = 0; i < view.field_count; ++i)
            if (support::equalsLower(text(view.fields[i].name), wanted))
                found.emplace_back(text(view.fields[i].value));
        return found;
    }
    std::string value(std::string_view name) const { return joined(values(name)); }
    void set(std::string_view name, const std::string& given) {
        const tp_str value = str(given);
        told(host_.set_field(request_, str(name), &value), name);
    }
    void add(std::string_view name, const std::string& given) {
        told(host_.add_field(request_, str(name), str(given)), name);
    }
    void told(int32_t result, std::string_view name) {
        if (result >= 0) return;
        const std::string why = "the field " + std::string(name) + " of an .htaccess file was left out: " +
                                (result == -EINVAL ? "its value holds what no field can" : "no memory left");
        host_.log_request(request_, TP_LOG_WARN, str(why));
    }

    /// By the endings of the name, as "a.svg.gz" has two.
    void changeTypes() {
        if (isProgram(visit_.name)) return;  // which says itself what it sends
        Types types;
        for (const Block* block : visit_.blocks) {
            for (const auto& [ending, type] : block->types.types) types.types[ending] = type;
            for (const auto& [ending, coding] : block->types.encodings) types.encodings[ending] = coding;
            for (const auto& [ending, charset] : block->types.charsets) types.charsets[ending] = charset;
            if (!block->types.forced.empty()) types.forced = block->types.forced;
            if (block->types.default_charset) types.default_charset = block->types.default_charset;
        }
        std::string type = visit_.type.empty() ? types.forced : visit_.type, coding, charset;
        std::string_view rest = visit_.name;
        support::nextElement(rest, '.');
        const bool is_open = visit_.type.empty() && types.forced.empty();
        const auto takeType = [&](const std::string& ending) {
            const auto at = types.types.find(ending);
            if (is_open && at != types.types.end() && !at->second.empty()) type = at->second;
        };
        while (!rest.empty()) {
            takeType(support::lowered(rest));  // "css.gz"
            const std::string ending = support::lowered(support::nextElement(rest, '.'));
            takeType(ending);
            if (const auto at = types.encodings.find(ending); at != types.encodings.end()) coding = at->second;
            if (const auto at = types.charsets.find(ending); at != types.charsets.end()) charset = at->second;
        }
        if (!type.empty()) set("content-type", type);
        if (!coding.empty() && value("content-encoding").empty()) set("content-encoding", coding);
        addCharset(charset.empty() ? types.default_charset.value_or("") : charset, !charset.empty());
    }
    /// AddCharset is for what its endings name, AddDefaultCharset for text that says nothing.
    void addCharset(const std::string& charset, bool is_named) {
        std::string type = value("content-type");
        const size_t semicolon = type.find(';');
        const bool is_meant = is_named || (type.starts_with("text/") && semicolon == std::string::npos);
        if (charset.empty() || type.empty() || !is_meant) return;
        set("content-type", type.substr(0, semicolon) + "; charset=" + charset);
    }

    void expire() {
        bool is_active = false;
        std::optional<Expiry> expiry;
        for (const Block* block : visit_.blocks) {
            is_active = block->expires.value_or(is_active);
            if (block->expires_default) expiry = block->expires_default;
        }
        if (!is_active || !values("expires").empty()) return;
        std::string type = support::lowered(value("content-type"));
        type = std::string(support::trim(std::string_view(type).substr(0, type.find(';'))));
        // A redirect has no page here; Apache's is HTML, and for it the file says how long such an answer keeps.
        const uint32_t status = host_.response(request_)->status;
        if (type.empty() && status >= 300 && status != 304) type = "text/html";
        // A 304 says no type: what the client has keeps by its own.
        const auto has_types = [](const Block* block) { return !block->expires_types.empty(); };
        if (type.empty() && std::ranges::any_of(visit_.blocks, has_types)) return;
        const std::string family = type.substr(0, type.find('/')) + "/*";
        for (const std::string& name : {family, type})
            for (const Block* block : visit_.blocks)
                if (const auto at = block->expires_types.find(name); at != block->expires_types.end())
                    expiry = at->second;
        if (expiry) expireAt(*expiry);
    }
    void expireAt(const Expiry& expiry) {
        int64_t base = now_;
        if (expiry.from_modification) {
            const auto modified = support::parseHttpDate(value("last-modified"), now_);
            if (!modified) return;
            base = *modified;
        }
        char date[support::kHttpDateSize];
        support::formatHttpDate(base + expiry.seconds, date);
        set("expires", {date, sizeof date});
        const std::string age = "max-age=" + std::to_string(std::max<int64_t>(base + expiry.seconds - now_, 0));
        const std::string given = value("cache-control");
        if (given.find("max-age") == std::string::npos)
            set("cache-control", given.empty() ? age : given + ", " + age);
    }

    void obey(const HeaderChange& change) {
        std::vector<std::string> all = values(change.name);
        const size_t before = all.size();
        const Found found = changeField(change, subject_, effort_, all);
        if (found == Found::TooMuch) return tellLeftOut(change);
        if (found == Found::No) return;
        if (all.empty()) return static_cast<void>(host_.set_field(request_, str(change.name), nullptr));
        // What is only added leaves the others untouched, as it must with cookies.
        const bool is_added = change.action == HeaderChange::Action::Add && before > 0;
        if (!is_added) set(change.name, all.front());
        for (size_t i = is_added ? before : 1; i < all.size(); ++i) add(change.name, all[i]);
    }
    /// The answer is made; what is left is to say so.
    void tellLeftOut(const HeaderChange& change) const {
        const std::string why = change.place.shown() + ": Header " + change.name + " was left out: it " +
                                (effort_.isSpent() ? kSpent : kTooMuch);
        host_.log_request(request_, TP_LOG_WARN, str(why));
    }

    const tp_host& host_;
    tp_request* request_;
    const Visit& visit_;
    const Subject& subject_;
    Effort& effort_;
    int64_t now_;
};

}  // namespace

void changeAnswer(const tp_host& host, tp_request* request, const Visit& visit, const Subject& subject,
                  Effort& effort) {
    Answering(host, request, visit, subject, effort).run();
}

}  // namespace turnpike::rewrite::htaccess
