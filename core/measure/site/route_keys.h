// route_keys.h - the keys that a route has for its plugin, read and changed. Pure.
#pragma once
#include <initializer_list>
#include <string>
#include <vector>

#include "config/snapshot.h"

namespace turnpike::measure {

class RouteKeys {
 public:
    explicit RouteKeys(std::vector<config::RawKey> keys) : keys_(std::move(keys)) {}

    bool has(const std::string& name) const { return find(name) != nullptr; }
    /// Empty when it is not set, or is something else.
    std::string text(const std::string& name) const;
    std::vector<std::string> list(const std::string& name) const;
    config::StringMap map(const std::string& name) const;
    int64_t number(const std::string& name, int64_t otherwise) const;
    bool isTrue(const std::string& name, bool otherwise) const;

    /// In its place, or behind the others.
    void set(const std::string& name, config::RawValue value);
    void remove(std::initializer_list<const char*> names);
    const std::vector<config::RawKey>& all() const { return keys_; }

 private:
    const config::RawKey* find(const std::string& name) const;
    std::vector<config::RawKey> keys_;
};

}  // namespace turnpike::measure
