#include "measure/site/route_keys.h"

#include <algorithm>
#include <string_view>

namespace turnpike::measure {
namespace {

/// The value as a T; `otherwise` when there is none.
template <class T>
T valueOf(const config::RawKey* key, T otherwise) {
    const T* value = key == nullptr ? nullptr : std::get_if<T>(&key->value);
    return value == nullptr ? std::move(otherwise) : *value;
}

}  // namespace

const config::RawKey* RouteKeys::find(const std::string& name) const {
    auto found =
        std::find_if(keys_.begin(), keys_.end(), [&](const config::RawKey& key) { return key.name == name; });
    return found == keys_.end() ? nullptr : &*found;
}

std::string RouteKeys::text(const std::string& name) const { return valueOf(find(name), std::string()); }
std::vector<std::string> RouteKeys::list(const std::string& name) const {
    return valueOf(find(name), std::vector<std::string>());
}
config::StringMap RouteKeys::map(const std::string& name) const {
    return valueOf(find(name), config::StringMap());
}
int64_t RouteKeys::number(const std::string& name, int64_t otherwise) const {
    return valueOf(find(name), otherwise);
}
bool RouteKeys::isTrue(const std::string& name, bool otherwise) const { return valueOf(find(name), otherwise); }

void RouteKeys::set(const std::string& name, config::RawValue value) {
    auto found =
        std::find_if(keys_.begin(), keys_.end(), [&](const config::RawKey& key) { return key.name == name; });
    if (found == keys_.end())
        keys_.push_back({name, std::move(value), {}});
    else
        found->value = std::move(value);
}

void RouteKeys::remove(std::initializer_list<const char*> names) {
    std::erase_if(keys_, [&](const config::RawKey& key) {
        return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return key.name == name; });
    });
}

}  // namespace turnpike::measure
