#include "subject.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "../request_facts.h"
#include "lines.h"
#include "sdk/support/lists.h"

namespace turnpike::rewrite::htaccess {
namespace {

constexpr std::string_view kFacts[] = {
    "AUTH_TYPE",    "CONTEXT_DOCUMENT_ROOT", "CONTEXT_PREFIX",  "DOCUMENT_ROOT",
    "HTTPS",        "HTTP_ACCEPT",           "HTTP_COOKIE",     "HTTP_FORWARDED",
    "HTTP_HOST",    "HTTP_REFERER",          "HTTP_USER_AGENT", "PATH_INFO",
    "QUERY_STRING", "REMOTE_ADDR",           "REMOTE_HOST",     "REMOTE_PORT",
    "REMOTE_USER",  "REQUEST_FILENAME",      "REQUEST_METHOD",  "REQUEST_SCHEME",
    "REQUEST_URI",  "SCRIPT_FILENAME",       "SERVER_ADDR",     "SERVER_NAME",
    "SERVER_PORT",  "SERVER_PROTOCOL",       "SERVER_SOFTWARE", "THE_REQUEST"};

}  // namespace

bool Subject::isVariable(std::string_view name) {
    if (name.starts_with("HTTP:")) return name.size() > 5;
    if (name.starts_with("ENV:")) return name.size() > 4;
    return std::ranges::find(kFacts, name) != std::end(kFacts);
}

std::string Subject::header(std::string_view name) const {
    std::string joined;
    for (uint32_t i = 0; i < view_.field_count; ++i) {
        if (text(view_.fields[i].name) != name) continue;
        if (!joined.empty()) joined += name == "cookie" ? "; " : ", ";
        joined += text(view_.fields[i].value);
    }
    return joined;
}

bool Subject::hasHeader(std::string_view name) const {
    return std::any_of(view_.fields, view_.fields + view_.field_count,
                       [name](const tp_field& field) { return text(field.name) == name; });
}

std::string Subject::variable(std::string_view name) const {
    if (name.starts_with("HTTP:")) return header(support::lowered(name.substr(5)));
    if (name.starts_with("RESP:")) return answerField(name.substr(5));
    if (name == "CONTENT_TYPE") return answerField("content-type");
    if (!name.starts_with("ENV:")) return fact(name);
    const std::string key(name.substr(4));
    if (const auto found = environment_.find(key); found != environment_.end()) return found->second;
    return key == "REDIRECT_STATUS" && is_redirected_ ? "200" : "";
}

/// Of an answer of which nothing is known yet all fields are empty.
std::string Subject::answerField(std::string_view name) const {
    std::string joined;
    if (answering_ == nullptr) return joined;
    const tp_response_view& answer = *answering_->response(request_);
    const std::string wanted = support::lowered(name);
    for (size_t i = 0; i < answer.field_count; ++i) {
        if (!support::equalsLower(text(answer.fields[i].name), wanted)) continue;
        if (!joined.empty()) joined += ", ";
        joined += text(answer.fields[i].value);
    }
    return joined;
}

std::string Subject::fact(std::string_view name) const {
    const auto request_line = [this] {
        return std::string(text(view_.method)) + " " + std::string(text(view_.target)) + " " +
               std::string(text(view_.protocol));
    };
    std::string root(text(view_.document_root));
    if (name == "REQUEST_FILENAME" || name == "SCRIPT_FILENAME") return root + file_;
    if (name == "REQUEST_URI") return std::string(text(view_.path));
    if (name == "QUERY_STRING") return std::string(query());
    if (name == "DOCUMENT_ROOT" || name == "CONTEXT_DOCUMENT_ROOT") return root;
    if (name == "HTTPS") return view_.secure != 0 ? "on" : "off";
    if (name == "REQUEST_SCHEME") return std::string(scheme(view_));
    if (name == "REQUEST_METHOD") return std::string(text(view_.method));
    if (name == "THE_REQUEST") return request_line();
    if (name == "PATH_INFO") {
        const std::string_view path = text(view_.path);
        return path.starts_with(file_) ? std::string(path.substr(file_.size())) : std::string();
    }
    if (name == "HTTP_HOST") return header("host").empty() ? std::string(text(view_.host)) : header("host");
    if (name.starts_with("HTTP_")) {
        std::string field = support::lowered(name.substr(5));
        std::ranges::replace(field, '_', '-');
        return header(field);
    }
    if (name == "REMOTE_ADDR" || name == "REMOTE_HOST") return std::string(text(view_.remote_address));
    if (name == "REMOTE_PORT") return std::to_string(view_.remote_port);
    if (name == "REMOTE_USER") return std::string(text(view_.remote_user));
    if (name == "SERVER_NAME") return std::string(text(view_.host));
    if (name == "SERVER_ADDR") return std::string(text(view_.local_address));
    if (name == "SERVER_PORT") return std::to_string(view_.local_port);
    if (name == "SERVER_PROTOCOL") return std::string(text(view_.protocol));
    if (name == "SERVER_SOFTWARE") return "Turnpike";
    return {};
}

/// The path of a name of the file system, empty when it is none of the site's.
std::string_view Subject::belowRoot(std::string_view filename) const {
    const std::string_view root = text(view_.document_root);
    if (root.empty() || !filename.starts_with(root)) return {};
    filename.remove_prefix(root.size());
    if (!filename.starts_with('/')) return {};
    // A folder may be named with and without its slash; a slash behind a file's name names nothing.
    while (filename.size() > 1 && filename.ends_with('/')) filename.remove_suffix(1);
    return filename;
}

bool Subject::isLink(std::string_view filename) const {
    const std::string_view path = belowRoot(filename);
    if (path.size() < 2) return false;
    constexpr uint32_t kHow = TP_OPEN_SCRIPT | TP_OPEN_UNLINKED;
    const std::string folder(path.substr(0, path.rfind('/') + 1));
    const int32_t fd = io_.open(request_, str(folder), kHow, nullptr);
    if (fd < 0) return false;
    io_.close(request_, fd, TP_CLASS_FILE);
    const int32_t itself = io_.open(request_, str(path), kHow, nullptr);
    if (itself >= 0) io_.close(request_, itself, TP_CLASS_FILE);
    return itself == -ELOOP;
}

int32_t Subject::typeOf(std::string_view filename, uint64_t* size) const {
    const std::string_view path = belowRoot(filename);
    if (path.empty()) return 0;
    tp_file file{};
    file.struct_size = sizeof file;
    const int32_t fd = io_.open(request_, str(path), TP_OPEN_SCRIPT, &file);
    if (fd < 0) return 0;
    io_.close(request_, fd, TP_CLASS_FILE);
    if (size != nullptr) *size = file.size;
    return file.type;
}

/// What is kept costs effort by its size, or a file could fill the worker's memory.
bool setVariable(Subject& subject, const std::string& name, const std::optional<Expansion>& value,
                 const Expansion::Groups& groups, Effort& effort) {
    if (!value) {
        subject.environment().erase(name);
        return true;
    }
    std::string text = value->plain(subject, groups);
    if (!effort.take(1 + text.size() / 256)) return false;
    subject.environment()[name] = std::move(text);
    return true;
}

}  // namespace turnpike::rewrite::htaccess
