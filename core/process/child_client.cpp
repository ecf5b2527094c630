#include "process/child_client.h"

#include <utility>
#include <vector>

#include "os/local.h"
#include "os/socket.h"
#include "process/channel.h"

namespace turnpike::process {
namespace {
using ledger::Class;
constexpr size_t kBatch = 16;
constexpr uint64_t kRetryMs = 10;

tp_child_end makeEnd(int32_t status, int32_t error, uint64_t cpu_us, uint64_t max_rss_kib) {
    return {sizeof(tp_child_end), status, error, 0, cpu_us, max_rss_kib};
}
}  // namespace

ChildClient::ChildClient(os::Fd channel)
    : channel_(std::move(channel)),
      retry_([](void* self) { static_cast<ChildClient*>(self)->sendOrders(); }, this) {}

ChildClient::~ChildClient() {
    if (loop_ != nullptr && channel_) loop_->remove(channel_.get(), *this);
}

int ChildClient::attach(net::EventLoop& loop) {
    int added = loop.add(channel_.get(), os::kReadable, *this);
    if (added == 0) loop_ = &loop;
    return added;
}

tp_child* ChildClient::spawn(const server::SiteTag& site, const tp_spawn& spec,
                             void (*ended)(void*, const tp_child_end*), void* arg, int32_t* error) {
    std::string message = encodeSpawn(next_, site, spec);
    const int fds[] = {spec.stdin_fd, spec.stdout_fd, spec.stderr_fd};
    int64_t sent = -EPIPE;
    if (spec.argc > kMostArguments || spec.envc > kMostVariables || message.size() > kMostMessage)
        sent = -E2BIG;
    else if (channel_)
        sent = os::sendMessage(channel_.get(), message.data(), message.size(), fds, 3, Class::Spawn);
    if (sent < 0) {
        *error = static_cast<int32_t>(sent);
        return nullptr;
    }
    auto child = std::make_unique<tp_child>(tp_child{next_, ended, arg});
    return children_.emplace(next_++, std::move(child)).first->second.get();
}

void ChildClient::kill(tp_child* child, uint64_t grace_ms) {
    kills_.push_back(encodeKill(child->id, grace_ms));
    sendOrders();
}

/// Neither may get lost because the spawner is behind. A mark is made when there is room for it, so that no
/// program is asked for between the two.
void ChildClient::sendOrders() {
    while (channel_ && (mark_due_ || !kills_.empty())) {
        const std::string order = mark_due_ ? encodeMark(next_) : kills_.front();
        if (os::sendMessage(channel_.get(), order.data(), order.size(), nullptr, 0, Class::Spawn) == -EAGAIN)
            return loop_->arm(retry_, kRetryMs);
        if (!std::exchange(mark_due_, false)) kills_.pop_front();
    }
}

/// Sixteen answers a call, so that the usual wake-up costs one crossing although the loop is edge-triggered.
void ChildClient::onEvent(uint32_t, uint32_t) {
    Answer answers[kBatch];
    size_t sizes[kBatch];
    int count;
    do {
        if (!channel_) return;
        count = os::recvMessages(channel_.get(), answers, sizeof(Answer), sizes, kBatch, Class::Spawn);
        if (count < 0 && count != -EAGAIN) return loseAll(-count);
        for (int i = 0; i < count; ++i) {
            if (sizes[i] == 0) return loseAll(ECONNRESET);
            if (sizes[i] == sizeof(Answer)) onAnswer(answers[i]);
        }
    } while (count == static_cast<int>(kBatch));
}

void ChildClient::onAnswer(const Answer& answer) {
    if (answer.kind == Answer::Ended)
        return finish(answer.id, makeEnd(answer.status, answer.error, answer.cpu_us, answer.max_rss_kib));
    if (answer.kind == Answer::Lost) return endBelow(answer.id, answer.error);
    mark_due_ = true;
    sendOrders();
}

void ChildClient::finish(uint64_t id, const tp_child_end& end) {
    auto found = children_.find(id);
    if (found == children_.end()) return;
    std::unique_ptr<tp_child> child = std::move(found->second);
    children_.erase(found);
    child->ended(child->arg, &end);
}

/// The spawner and the master are gone: nothing is started any more, and what ran has been killed.
void ChildClient::loseAll(int32_t error) {
    loop_->remove(channel_.get(), *this);
    channel_.reset();
    endBelow(next_, error);
}

/// Those that callbacks start meanwhile are not among them: their numbers are larger.
void ChildClient::endBelow(uint64_t id, int32_t error) {
    std::vector<std::unique_ptr<tp_child>> lost;
    for (auto& [number, child] : children_)
        if (number < id) lost.push_back(std::move(child));
    for (const auto& child : lost) children_.erase(child->id);
    const tp_child_end end = makeEnd(-1, error, 0, 0);
    for (const auto& child : lost) child->ended(child->arg, &end);
}

}  // namespace turnpike::process
