// gateway.h - what CGI, FastCGI and every other gateway to a program share: which script a path names, the
// meta-variables of RFC 3875, and reading the program's response head. Compiled into the plugin that uses it.
// Objects belong to one thread; nothing here blocks or throws but std::bad_alloc.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/services.h"

namespace turnpike::gateway {

/// A script below the site's root. Owned text. A gateway without files fills `name` and `path_info` itself and
/// leaves `filename` empty.
struct Script {
    std::string filename;   // absolute: document root + name
    std::string name;       // its part of the URL path
    std::string path_info;  // what follows it, empty or beginning with '/'
};

/// Finds the first prefix of `path` (below `document_root`, both as in the request's view) that is a regular file
/// and, when `suffixes` is not empty, ends in one of them.
/// Nothing that is not a regular file of the site is ever a script, and a file that exists but does not end in a
/// suffix ends the search ("up.jpg/x.php"). 0, -ENOENT, -EACCES (needs_execute and not executable), -errno.
int findScript(const tp_io& io, tp_request* request, std::string_view document_root, std::string_view path,
               const std::vector<std::string>& suffixes, bool needs_execute, Script& script);

/// The script that stands for the route's prefix itself, for gateways without files: all that follows the prefix
/// is path_info, and `filename` is left to the caller. False: what follows belongs to another name ("/app" is no
/// part of "/apple").
bool scriptAtPrefix(const tp_request_view& request, Script& script);

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// An environment in one piece of memory: clear() keeps it, so that a worker which reuses one allocates nothing.
/// Views live until the next add() or clear().
class Variables {
 public:
    void clear();
    void add(std::string_view name, std::string_view value);
    /// Another value for the one that is at `i`.
    void replace(size_t i, std::string_view value);
    size_t size() const { return entries_.size(); }
    /// At least what all names and values take.
    size_t textSize() const { return text_.size(); }
    std::string_view name(size_t i) const { return {text_.data() + entries_[i].begin, entries_[i].name}; }
    std::string_view value(size_t i) const {
        return {text_.data() + entries_[i].begin + entries_[i].name + 1, entries_[i].value};
    }
    /// "NAME=value".
    std::string_view entry(size_t i) const {
        return {text_.data() + entries_[i].begin, size_t{1} + entries_[i].name + entries_[i].value};
    }

 private:
    friend class MetaWriter;
    struct Entry {
        uint32_t begin, name, value;  // where the name is; lengths
    };
    std::string text_;
    std::vector<Entry> entries_;
};

/// RFC 3875 section 4.1 for this request, in a fixed order, plus REQUEST_URI, DOCUMENT_ROOT, DOCUMENT_URI,
/// SCRIPT_FILENAME, REQUEST_SCHEME, REMOTE_PORT, SERVER_ADDR, REQUEST_TIME*, REDIRECT_STATUS, over TLS also HTTPS,
/// SSL_PROTOCOL, SSL_CIPHER and SSL_CLIENT_VERIFY with SSL_CLIENT_S_DN, _I_DN and _M_SERIAL of a client that
/// showed a certificate, and HTTP_*. Fields whose name holds anything but letters, digits and '-' are not passed,
/// nor is Proxy (httpoxy), nor Authorization unless `pass_authorization` and the server did not check it itself
/// (REMOTE_USER). Repeated fields are joined with ", " ("; " for Cookie). `content_length`: exact length of the
/// body, 0: none. Then the request's `variables`, which win over fields and lose to all else, and `extra`, which
/// wins over what is above. Appends to `to`.
void meta(const tp_request_view& request, const Script& script, uint64_t content_length, bool pass_authorization,
          const Pairs& extra, Variables& to);

/// What a program writes before its body.
enum class Dialect : uint8_t {
    Cgi,        // RFC 3875 section 6: fields, Status and Location with their meaning
    NonParsed,  // RFC 3875 section 5: an HTTP/1.x status line, then fields
};

/// A program's response head, taken as it comes in pieces; the result does not depend on how it was cut. Lines may
/// end in LF or CRLF. Interim heads ("Status: 103", or another from 102 to 199) may come before it, at most
/// TP_MOST_INTERIMS and within the limit for all heads together. One of a CGI program that announces a body
/// (Content-Type, Content-Length) is refused: by RFC 3875 section 6.3.1 it would be the answer itself. fields()
/// points into this object, so it is neither copied nor moved; reset() reuses its memory.
class ResponseHead {
 public:
    enum class State : uint8_t { More, Interim, Complete, Bad };
    explicit ResponseHead(size_t limit = 32768, Dialect dialect = Dialect::Cgi)
        : limit_(limit), left_(limit), dialect_(dialect) {}
    ResponseHead(const ResponseHead&) = delete;
    ResponseHead& operator=(const ResponseHead&) = delete;

    /// Ready for another head.
    void reset(Dialect dialect = Dialect::Cgi);
    /// Takes what it needs of `data` and sets *consumed. Bad: see reason(). Complete with consumed < size: the
    /// rest is body. After Complete or Bad it takes nothing more. Interim: status() and fields() are those of an
    /// interim head until the next feed(), which takes what stands behind it.
    State feed(std::string_view data, size_t* consumed);
    State state() const { return state_; }
    /// After Interim: from this program it would be the answer itself, which has no such status. Bad.
    State refuseInterim();
    /// What is wrong, for the error log.
    const std::string& reason() const { return reason_; }

    /// 200 unless Status or Location say otherwise; 200 to 599, and 102 to 199 for an interim head.
    unsigned status() const { return status_; }
    /// The path of a local redirect ("Location: /path", no Status, nothing else): handle it as host.redirect().
    /// Empty: it is none. With other fields beside it, such a Location is a 302 for the client.
    std::string_view localRedirect() const { return local_redirect_; }
    /// Everything but Status and what the server must write itself, names in lower case, ready for host.start(); a
    /// client redirect's Location is here. Lives until reset().
    const std::vector<tp_field>& fields() const { return fields_; }
    /// The program's own Content-Length, or TP_LENGTH_UNKNOWN.
    int64_t length() const { return length_; }
    /// How many bytes of the head were taken so far, without interim ones; 0: the program has said nothing of it.
    size_t size() const { return state_ == State::Interim ? 0 : text_.size(); }
    /// Interim heads so far.
    unsigned interims() const { return interims_; }

 private:
    struct Place {
        uint32_t name, name_size, value, value_size;  // in text_
    };
    void beginHead();
    State takeLine();
    State takeStatusLine(std::string_view line);
    State takeField(size_t begin, std::string_view line);
    State takeKnown(const Place& place, std::string_view name, std::string_view value);
    State takeStatus(std::string_view value);
    State takeLength(std::string_view value);
    State finishInterim();
    State finish();
    State refuse(std::string why);
    std::string_view at(uint32_t begin, uint32_t size) const { return {text_.data() + begin, size}; }

    const size_t limit_;
    size_t left_;  // of the limit, for the head that comes
    unsigned interims_ = 0;
    Dialect dialect_;
    State state_ = State::More;
    std::string text_, reason_;
    size_t line_ = 0;  // where the unfinished line begins in text_
    unsigned line_count_ = 0;
    unsigned status_ = 200;
    bool has_status_ = false, has_type_ = false;
    int64_t length_ = TP_LENGTH_UNKNOWN;
    Place location_{};
    std::vector<Place> places_;
    std::vector<tp_field> fields_;
    std::string_view local_redirect_;
};

}  // namespace turnpike::gateway
