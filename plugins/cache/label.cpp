#include "label.h"

#include <algorithm>

#include "sdk/support/asked_path.h"
#include "sdk/support/lists.h"

namespace turnpike::cache {
namespace {

void appendTags(std::string& to, std::string_view value, char separator) {
    while (!value.empty()) {
        const std::string_view tag = support::nextElement(value, separator);
        if (!tag.empty()) to.append(tag).append("\n");
    }
}

/// The rest of `notice` behind "`word` "; null when it begins otherwise.
bool takes(std::string_view& notice, std::string_view word) {
    if (!notice.starts_with(word) || notice.size() <= word.size() + 1 || notice[word.size()] != ' ') return false;
    notice.remove_prefix(word.size() + 1);
    return true;
}

/// What a notice names, which may be written as in a page or as in a log: "/caf%C3%A9", "/café".
std::string urlNamed(std::string_view name) {
    const size_t scheme = name.find("://");
    if (name.starts_with('/') || scheme == std::string_view::npos) return urlOf("", name);
    return urlOf(support::lowered(name.substr(0, name.find('/', scheme + 3))), name);
}

std::string_view withoutOrigin(std::string_view url) {
    const size_t slash = url.find('/', url.find("://") + 3);
    return slash == std::string_view::npos ? std::string_view() : url.substr(slash);
}

}  // namespace

std::string urlOf(std::string origin, std::string_view target) {
    origin.append(support::askedPath(target));
    if (const size_t query = target.find('?'); query < target.size() - 1) origin.append(target.substr(query));
    return origin;
}

bool isTagField(std::string_view name) {
    return std::ranges::any_of(kTagFields, [name](auto tag) { return support::equalsLower(name, tag); });
}

std::string labelWith(std::string url, std::span<const tp_field> fields) {
    std::string label = std::move(url) + "\n";
    for (const tp_field& f : fields) {
        if (support::equalsLower(text(f.name), kTagFields[0])) appendTags(label, text(f.value), ',');
        if (support::equalsLower(text(f.name), kTagFields[1])) appendTags(label, text(f.value), ' ');
    }
    return label;
}

bool isMeant(std::string_view notice, std::string_view label) {
    if (notice == "all") return true;
    const size_t end = label.find('\n');
    const std::string_view url = label.substr(0, end);
    const auto part = [&](std::string_view name) { return name.starts_with('/') ? withoutOrigin(url) : url; };
    if (takes(notice, "url")) return part(notice) == urlNamed(notice);
    if (takes(notice, "prefix")) return part(notice).starts_with(urlNamed(notice));
    if (!takes(notice, "tag") || end == std::string_view::npos) return false;
    for (std::string_view rest = label.substr(end + 1); !rest.empty();)
        if (support::nextElement(rest, '\n') == notice) return true;
    return false;
}

}  // namespace turnpike::cache
