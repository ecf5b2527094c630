// active.h - the requests that a worker has in hand, by the host's handle. Loop thread only.
#pragma once
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sdk/plugin.h"

namespace turnpike::gateway {

template <class Exchange>
class Active {
    using Map = std::unordered_map<tp_request*, std::unique_ptr<Exchange>>;

 public:
    using Node = typename Map::node_type;

    /// One for `request`, of those that are done, so that nothing is allocated in steady state. `is_nested`:
    /// within a call that is still running; one that ended inside that may still be looked at.
    Node take(tp_request* request, bool is_nested) {
        if (spare_.empty() || is_nested)
            return map_.extract(map_.emplace(request, std::make_unique<Exchange>()).first);
        Node node = std::move(spare_.back());
        spare_.pop_back();
        node.key() = request;
        return node;
    }
    /// find() finds it from here on.
    Exchange& add(Node node) { return *map_.insert(std::move(node)).position->second; }
    /// Null: it is none of these.
    Exchange* find(tp_request* request) {
        auto found = map_.find(request);
        return found == map_.end() ? nullptr : found->second.get();
    }
    /// For another request.
    void spare(Node node) {
        if (spare_.size() < kSpare) spare_.push_back(std::move(node));
    }
    /// The host is done with it: forget(exchange) is called if it is one of these.
    template <class Forget>
    void done(tp_request* request, Forget forget) {
        auto found = map_.find(request);
        if (found == map_.end()) return;
        forget(*found->second);
        spare(map_.extract(found));
    }

 private:
    static constexpr size_t kSpare = 256;

    Map map_;
    std::vector<Node> spare_;
};

}  // namespace turnpike::gateway
