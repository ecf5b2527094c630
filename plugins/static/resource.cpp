#include "resource.h"

#include <algorithm>
#include <charconv>

namespace turnpike::static_files {
namespace {

// Until a file is that old, it may still change without its time changing (RFC 9110 section 8.8.1).
constexpr int64_t kSettledSeconds = 2;
// What a resource costs besides its bodies: its objects, fields and its place in the cache.
constexpr uint64_t kOverhead = 1024;

bool isSettled(const tp_file& file, int64_t now_unix) { return file.mtime_s + kSettledSeconds <= now_unix; }

bool isSameState(const tp_file& a, const tp_file& b) {
    return a.inode == b.inode && a.device == b.device && a.size == b.size && a.mtime_s == b.mtime_s &&
           a.mtime_ns == b.mtime_ns;
}

void appendHex(std::string& out, uint64_t value) {
    char digits[16];
    const auto result = std::to_chars(digits, digits + sizeof digits, value, 16);
    out.append(digits, result.ptr);
}

}  // namespace

Representation::Representation(OpenFile file, const tp_file& state, const Description& description)
    : file_(std::move(file)),
      state_(state),
      coding_(description.coding),
      weak_(!isSettled(state, description.now_unix)),
      // Never later than Date (RFC 9110 section 8.8.2.1).
      modified_(std::min(state.mtime_s, description.now_unix)),
      type_(description.type.empty() ? kUnknownType : description.type) {
    makeTag();
    makeFields(description);
}

// Size and time, not the inode: the same tree on two machines has the same tags. Each coding has its own, since a
// strong tag names the bytes.
void Representation::makeTag() {
    etag_ = weak_ ? "W/\"" : "\"";
    appendHex(etag_,
              static_cast<uint64_t>(state_.mtime_s) * 1'000'000'000 + static_cast<uint64_t>(state_.mtime_ns));
    etag_ += '-';
    appendHex(etag_, state_.size);
    if (coding_ != Coding::Identity) etag_.append("-").append(support::codingName(coding_));
    etag_ += '"';
    support::formatHttpDate(modified_, modified_text_.data());
}

void Representation::makeFields(const Description& description) {
    add("content-type", type_);
    if (coding_ != Coding::Identity) add("content-encoding", support::codingName(coding_));
    if (description.type.empty()) add("x-content-type-options", "nosniff");
    add("accept-ranges", "bytes");
    validators_at_ = field_count_;
    add("last-modified", {modified_text_.data(), modified_text_.size()});
    add("etag", etag_);
    if (!description.cache_control.empty()) add("cache-control", description.cache_control);
    if (description.varies) add("vary", "accept-encoding");
}

bool Representation::load(const tp_io& io, tp_request* payer) {
    std::string body(state_.size, '\0');
    for (uint64_t have = 0; have < state_.size;) {
        const int64_t got = io.pread(payer, fd(), body.data() + have, state_.size - have, have);
        if (got <= 0) return false;
        have += static_cast<uint64_t>(got);
    }
    tp_file after{};
    after.struct_size = sizeof after;
    if (io.stat_fd(payer, fd(), &after) < 0 || !isSameState(after, state_)) return false;
    body_ = std::move(body);
    file_.close(payer);
    return true;
}

bool Representation::isSameFile(const tp_file& now) const { return isSameState(now, state_); }

bool Representation::isCurrent(const tp_file& now, int64_t now_unix) const {
    return isSameFile(now) && weak_ == !isSettled(now, now_unix);
}

size_t Resource::openFiles() const {
    return static_cast<size_t>(std::ranges::count_if(forms, [](const auto& form) { return !form->isInMemory(); }));
}

uint64_t Resource::memory() const {
    uint64_t sum = path.size() + source.size();
    for (const auto& form : forms) sum += form->body().size() + kOverhead;
    return sum;
}

const Representation& Resource::negotiate(const tp_request_view& view) const {
    std::array<Coding, support::kCodingCount> offered{};
    for (size_t i = 1; i < forms.size(); ++i) offered[i - 1] = forms[i]->coding();
    const Coding chosen = support::AcceptEncoding(view).choose({offered.data(), forms.size() - 1});
    return **std::ranges::find_if(forms, [chosen](const auto& form) { return form->coding() == chosen; });
}

}  // namespace turnpike::static_files
