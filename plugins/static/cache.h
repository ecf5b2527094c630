// cache.h - the resources that a worker keeps ready. One thread. Bounded: small files by their bytes, larger ones
// by their descriptors. The least used leave first (second chance).
#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "resource.h"
#include "sdk/support/keyed_hash.h"

namespace turnpike::static_files {

class Cache {
 public:
    /// `key`: names of files may be chosen by strangers (uploads), so their hash must not be guessable.
    Cache(support::HashKey key, uint64_t memory, uint64_t open_files)
        : places_(64, Hash{key}), memory_{memory}, open_files_{open_files} {}

    /// The resource of that path, or null.
    Resource* find(std::string_view path) noexcept {
        const auto place = places_.find(path);
        if (place == places_.end()) return nullptr;
        place->second.used = true;
        return place->second.resource.get();
    }
    /// Keeps it, unless it is larger than everything that may be kept; replaces what had its path.
    void insert(std::shared_ptr<Resource> resource);
    void remove(std::string_view path);
    size_t size() const { return places_.size(); }

 private:
    struct Hash {
        support::HashKey key;
        size_t operator()(std::string_view path) const noexcept { return support::keyedHash(key, path); }
    };
    struct Place;
    using Places = std::unordered_map<std::string_view, Place, Hash>;
    /// One bound and who shares in it, the next to leave at the front.
    struct Budget {
        uint64_t limit, used = 0;
        std::list<std::string_view> order = {};
    };
    struct Place {
        std::shared_ptr<Resource> resource;
        Budget* budget;
        uint64_t cost;
        std::list<std::string_view>::iterator turn;
        bool used = false;
    };

    void makeRoom(Budget& budget, uint64_t cost);
    void remove(Places::iterator place);

    Places places_;
    Budget memory_, open_files_;
};

}  // namespace turnpike::static_files
