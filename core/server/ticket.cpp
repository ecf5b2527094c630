#include "server/ticket.h"

#include <algorithm>

namespace turnpike::server {

tp_ticket* Tickets::issue(net::EventLoop& loop, tp_request* request) {
    std::lock_guard lock(mutex_);
    out_.push_back(new tp_ticket{&loop, request});
    return out_.back();
}

void Tickets::drop() {
    std::lock_guard lock(mutex_);
    for (tp_ticket* t : out_) t->request = nullptr;
    out_.clear();
}

void Tickets::forget(tp_ticket* ticket) {
    std::lock_guard lock(mutex_);
    std::erase(out_, ticket);
}

}  // namespace turnpike::server
