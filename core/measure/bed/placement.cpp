#include "measure/bed/placement.h"

#include <algorithm>
#include <string>

#include "os/machine.h"
#include "os/socket.h"

namespace turnpike::measure {
namespace {

// Below the ports that Linux gives to clients, so that no client of a load takes one while a server is started
// anew.
constexpr uint16_t kFirstPort = 20'000, kPorts = 12'000;

bool isFree(uint16_t port) {
    auto address = os::Address::parse("127.0.0.1:" + std::to_string(port));
    return address && os::listen(*address, 1);
}

}  // namespace

Placement::Placement(size_t most) : current_(os::allowedProcessors()) {
    if (current_.size() < 2) return;
    const auto end = current_.begin() + static_cast<std::ptrdiff_t>(std::min(most, current_.size() - 1));
    servers_.assign(current_.begin(), end);
    own_ = {*end};
}

void Placement::keepApart() {
    if (own_.empty()) return;
    current_ = own_;
    os::runOn(current_);
}

Placement::Starting::Starting(const Placement& placement) : placement_(placement) {
    if (!placement_.servers_.empty()) os::runOn(placement_.servers_);
}

Placement::Starting::~Starting() {
    if (!placement_.current_.empty()) os::runOn(placement_.current_);
}

Ports::Ports() : last_(static_cast<uint16_t>(kFirstPort + os::randomNumber() % kPorts)) {}

uint16_t Ports::next() {
    do last_ = last_ >= kFirstPort + kPorts ? kFirstPort : static_cast<uint16_t>(last_ + 1);
    while (!isFree(last_));
    return last_;
}

}  // namespace turnpike::measure
