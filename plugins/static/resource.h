// resource.h - what one path stands for: its representations with their fields made ready. Built once, then only
// read; one worker, one thread. Shared by the cache and by the requests that are still sending it.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/plugin.hpp"
#include "sdk/services.h"
#include "sdk/support/accept_encoding.h"
#include "sdk/support/conditional.h"
#include "sdk/support/http_date.h"
#include "settings.h"

namespace turnpike::static_files {

using support::Coding;

/// Owns a descriptor that the host opened and closes it through the host.
class OpenFile {
 public:
    OpenFile(const tp_io& io, int fd) : io_(&io), fd_(fd) {}
    OpenFile(OpenFile&& other) noexcept : io_(other.io_), fd_(other.fd_) { other.fd_ = -1; }
    OpenFile& operator=(OpenFile&&) = delete;
    ~OpenFile() { close(nullptr); }

    int get() const { return fd_; }
    void close(tp_request* payer) {
        if (fd_ >= 0) io_->close(payer, fd_, TP_CLASS_FILE);
        fd_ = -1;
    }

 private:
    const tp_io* io_;
    int fd_;
};

/// How a representation is described: decided by the path, not by the file's content.
struct Description {
    Coding coding = Coding::Identity;
    std::string_view type;           // of the resource, without its coding; empty: unknown
    std::string_view cache_control;  // lives as long as the instance
    bool varies = false;             // there is more than one representation
    int64_t now_unix = 0;
};

/// One file ready to be sent. The fields point into it, so it never moves.
class Representation {
 public:
    Representation(OpenFile file, const tp_file& state, const Description& description);
    Representation(const Representation&) = delete;
    Representation& operator=(const Representation&) = delete;

    /// Takes the whole file into memory and closes it. False: it changed meanwhile or could not be read; then it
    /// stays open.
    bool load(const tp_io& io, tp_request* payer);

    /// True when `now` describes the file that this was made of, and nothing was written to it since.
    bool isSameFile(const tp_file& now) const;
    /// The same, and its tag need not become a strong one by now.
    bool isCurrent(const tp_file& now, int64_t now_unix) const;

    bool isInMemory() const { return file_.get() < 0; }
    int fd() const { return file_.get(); }
    const std::string& body() const { return body_; }
    uint64_t size() const { return state_.size; }
    Coding coding() const { return coding_; }
    std::string_view type() const { return type_; }
    support::Validators validators() const { return {etag_, modified_}; }

    /// Fields of a 200, Content-Type first. The rest is that of any status.
    const tp_field* fields() const { return fields_.data(); }
    size_t fieldCount() const { return field_count_; }
    /// Fields of a 304 (RFC 9110 section 15.4.5) or 412.
    const tp_field* validatorFields() const { return fields_.data() + validators_at_; }
    size_t validatorFieldCount() const { return field_count_ - validators_at_; }

 private:
    void makeTag();
    void makeFields(const Description& description);
    void add(std::string_view name, std::string_view value) { fields_[field_count_++] = {str(name), str(value)}; }

    OpenFile file_;
    tp_file state_;
    Coding coding_;
    bool weak_;
    int64_t modified_;
    std::string type_, etag_, body_;
    std::array<char, support::kHttpDateSize> modified_text_;
    std::array<tp_field, 8> fields_;
    size_t field_count_ = 0, validators_at_ = 0;
};

/// A path that can be answered.
struct Resource : std::enable_shared_from_this<Resource> {
    std::string path;    // of the request
    std::string source;  // of the file: another one for a directory's index
    uint64_t checked_ns = 0;
    std::vector<std::unique_ptr<Representation>> forms;  // the plain one first, then by preference

    /// The one to send: by Accept-Encoding when there is a choice.
    const Representation& choose(const tp_request_view& view) const {
        return forms.size() == 1 ? *forms.front() : negotiate(view);
    }
    size_t openFiles() const;
    uint64_t memory() const;

 private:
    const Representation& negotiate(const tp_request_view& view) const;
};

}  // namespace turnpike::static_files
