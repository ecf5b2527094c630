#include "load.h"

#include <algorithm>
#include <functional>

#include "processes.h"

namespace turnpike::e2e {
namespace {
constexpr size_t kShown = 10;

std::string request(const std::string& path, bool keep) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + (keep ? "" : "Connection: close\r\n") + "\r\n";
}
}  // namespace

Load::Load(uint16_t port, std::vector<Page> pages, unsigned kept, unsigned fresh)
    : port_(port), pages_(std::move(pages)), answers_(kept + fresh) {
    for (unsigned i = 0; i < kept; ++i) clients_.emplace_back([this, i] { keepAsking(i); });
    for (unsigned i = kept; i < kept + fresh; ++i) clients_.emplace_back([this, i] { askAnew(i); });
}

Load::~Load() { finish(); }

void Load::finish() {
    done_ = true;
    for (std::thread& client : clients_)
        if (client.joinable()) client.join();
}

void Load::keepAsking(unsigned client) {
    for (size_t next = client; !done_;) {
        RawClient connection(port_);
        if (!connection.isConnected()) {
            miss("refused", "");
            continue;
        }
        std::string before;
        for (bool goes_on = true; goes_on && !done_;) {
            const Page& page = pages_[next++ % pages_.size()];
            connection.send(request(page.path, true));
            Answer answer = connection.answer();
            goes_on = judge(client, page, answer, before) && answer.field("connection") != "close";
            before = answer.body;
        }
    }
}

void Load::askAnew(unsigned client) {
    for (size_t next = client; !done_;) {
        const Page& page = pages_[next++ % pages_.size()];
        RawClient connection(port_);
        if (!connection.isConnected()) {
            miss("refused", "");
            continue;
        }
        connection.send(request(page.path, false));
        judge(client, page, connection.answer(), "");
    }
}

bool Load::judge(unsigned client, const Page& page, const Answer& answer, const std::string& before) {
    ++answers_[client];
    if (answer.status == 0) {
        miss(page.path + ": no answer", before);
    } else if (!answer.whole) {
        miss(page.path + ": cut after " + std::to_string(answer.body.size()) + " bytes", before);
    } else if (!page.is_right(answer)) {
        miss(page.path + ": " + answer.head + answer.body.substr(0, 200), before);
    } else {
        ++good_;
        return true;
    }
    return false;
}

void Load::miss(const std::string& what, const std::string& before) {
    std::lock_guard lock(guard_);
    misses_.push_back({what, before});
}

bool Load::goesOn(uint64_t more) const {
    const uint64_t wanted = good_ + more;
    const std::vector<uint64_t> had = answered();
    return eventually(
        [&] { return good_ >= wanted && std::ranges::equal(answered(), had, std::ranges::greater()); });
}

std::vector<uint64_t> Load::answered() const { return {answers_.begin(), answers_.end()}; }

std::vector<Miss> Load::misses() const {
    std::lock_guard lock(guard_);
    return misses_;
}

std::string Load::report() const {
    auto all = misses();
    std::string text = std::to_string(all.size()) + " wrong, " + std::to_string(good_) + " right\n";
    for (size_t i = 0; i < all.size() && i < kShown; ++i) text += all[i].what + "\n";
    return text;
}

Load::Page exactly(const std::string& path, const std::string& body) {
    return {path, [body](const Answer& answer) { return answer.status == 200 && answer.body == body; }};
}

}  // namespace turnpike::e2e
