// subject.h - the request that directives are asked about: its variables, its place on disk, and what rules have
// set. Made for one request on the loop.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "expansion.h"
#include "sdk/plugin.hpp"
#include "sdk/services.h"

namespace turnpike::rewrite::htaccess {

/// Why a pattern was not decided.
inline constexpr const char* kTooMuch = "tries too much (match limit 10000)";
inline constexpr const char* kSpent =
    "comes after all that the files may try for one request (30000 units of effort)";

class Subject {
 public:
    /// `file`: the part of the path that names the file, without what follows it (path info). `environment`: the
    /// variables, which rules may set.
    Subject(const tp_io& io, tp_request* request, const tp_request_view& view, std::string file,
            bool is_redirected, std::map<std::string, std::string>& environment)
        : io_(io),
          request_(request),
          view_(view),
          file_(std::move(file)),
          is_redirected_(is_redirected),
          environment_(environment) {}

    /// Whether a %{name} is one that variable() knows.
    static bool isVariable(std::string_view name);
    std::string variable(std::string_view name) const;
    /// A request field, its values joined; empty when it did not come.
    std::string header(std::string_view name) const;
    bool hasHeader(std::string_view name) const;

    /// From now on %{RESP:field} and %{CONTENT_TYPE} are those of the answer that is about to leave.
    void setAnswerOf(const tp_host& host) { answering_ = &host; }

    const tp_request_view& view() const { return view_; }
    const std::string& file() const { return file_; }
    /// The path and query as the rules before have made them.
    void moveTo(std::string path, std::string query) {
        file_ = std::move(path);
        query_ = std::move(query);
        is_moved_ = true;
    }
    std::string_view query() const { return is_moved_ ? std::string_view(query_) : text(view_.query); }

    /// Whether a name of the file system, below the document root, is there: TP_FILE_*, 0 when it is not.
    int32_t typeOf(std::string_view filename, uint64_t* size = nullptr) const;

    /// Whether it is a symbolic link in a folder that no link leads to.
    bool isLink(std::string_view filename) const;

    std::map<std::string, std::string>& environment() { return environment_; }
    const std::map<std::string, std::string>& environment() const { return environment_; }

 private:
    std::string_view belowRoot(std::string_view filename) const;
    std::string fact(std::string_view name) const;
    std::string answerField(std::string_view name) const;

    const tp_io& io_;
    tp_request* request_;
    const tp_request_view& view_;
    std::string file_, query_;
    bool is_redirected_, is_moved_ = false;
    std::map<std::string, std::string>& environment_;
    const tp_host* answering_ = nullptr;
};

/// Sets the variable, or takes it away. False: the effort is spent.
bool setVariable(Subject& subject, const std::string& name, const std::optional<Expansion>& value,
                 const Expansion::Groups& groups, Effort& effort);

}  // namespace turnpike::rewrite::htaccess
