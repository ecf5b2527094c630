#include "cache.h"

#include <utility>

namespace turnpike::static_files {

void Cache::insert(std::shared_ptr<Resource> resource) {
    remove(resource->path);
    const size_t open_files = resource->openFiles();
    Budget& budget = open_files > 0 ? open_files_ : memory_;
    const uint64_t cost = open_files > 0 ? open_files : resource->memory();
    if (cost > budget.limit) return;
    makeRoom(budget, cost);
    const std::string_view path = resource->path;
    budget.used += cost;
    budget.order.push_back(path);
    places_.emplace(path, Place{std::move(resource), &budget, cost, std::prev(budget.order.end())});
}

void Cache::makeRoom(Budget& budget, uint64_t cost) {
    while (budget.used + cost > budget.limit) {
        const auto place = places_.find(budget.order.front());
        if (std::exchange(place->second.used, false))
            budget.order.splice(budget.order.end(), budget.order, place->second.turn);
        else
            remove(place);
    }
}

void Cache::remove(std::string_view path) {
    const auto place = places_.find(path);
    if (place != places_.end()) remove(place);
}

void Cache::remove(Places::iterator place) {
    Budget& budget = *place->second.budget;
    budget.used -= place->second.cost;
    budget.order.erase(place->second.turn);
    // The key is a view into the resource: it must outlive its place.
    const std::shared_ptr<Resource> last = std::move(place->second.resource);
    places_.erase(place);
}

}  // namespace turnpike::static_files
