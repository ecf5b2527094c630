#include "auth_reply.h"

#include <algorithm>

#include "sdk/support/lists.h"

namespace turnpike::access {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// Up to and with the empty line; npos while it has not come. RFC 9112 section 2.2: a line may end with a bare LF.
size_t headSize(std::string_view bytes) {
    const size_t plain = bytes.find("\n\n"), usual = bytes.find("\n\r\n");
    if (plain == std::string_view::npos && usual == std::string_view::npos) return std::string_view::npos;
    return plain < usual ? plain + 2 : usual + 3;
}

std::string_view takeLine(std::string_view& rest) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

AuthReply::State AuthReply::add(std::string_view bytes) {
    if (bytes_.size() + bytes.size() > kMost) bytes = bytes.substr(0, kMost - bytes_.size());
    bytes_.append(bytes);
    for (size_t size = headSize(bytes_); size != std::string::npos; size = headSize(bytes_)) {
        if (!parse(std::string_view(bytes_).substr(0, size))) return State::Malformed;
        if (status_ >= 200) return State::Whole;
        bytes_.erase(0, size);  // an interim answer (RFC 9110 section 15.2)
    }
    return bytes_.size() < kMost ? State::Incomplete : State::Malformed;
}

bool AuthReply::parse(std::string_view head) {
    fields_.clear();
    const std::string_view first = takeLine(head);
    // HTTP-version SP 3DIGIT SP: RFC 9112 section 4.
    if (first.size() < 12 || !first.starts_with("HTTP/1.") || !isDigit(first[7]) || first[8] != ' ' ||
        !std::all_of(first.begin() + 9, first.begin() + 12, isDigit) || (first.size() > 12 && first[12] != ' '))
        return false;
    status_ = static_cast<unsigned>((first[9] - '0') * 100 + (first[10] - '0') * 10 + (first[11] - '0'));
    for (std::string_view line = takeLine(head); !line.empty(); line = takeLine(head)) {
        const size_t colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0 || line[0] == ' ' || line[0] == '\t') return false;
        fields_.emplace_back(support::lowered(line.substr(0, colon)), support::trim(line.substr(colon + 1)));
    }
    return status_ >= 100;
}

std::string_view AuthReply::field(std::string_view name) const {
    for (const auto& [key, value] : fields_)
        if (key == name) return value;
    return {};
}

}  // namespace turnpike::access
