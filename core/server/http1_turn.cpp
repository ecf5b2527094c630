#include "server/http1_turn.h"

#include <utility>

#include "server/http1.h"

namespace turnpike::server {
namespace {
constexpr size_t kMostSpare = 256;
}  // namespace

Http1Turn::Http1Turn(BlockPool& blocks)
    : output(blocks),
      write_timer([](void* turn) { static_cast<Http1Turn*>(turn)->connection->onWriteDeadline(); }, this) {}

std::unique_ptr<Http1Turn> Http1Turns::take(Http1& connection) {
    if (spare_.empty()) spare_.push_back(std::make_unique<Http1Turn>(blocks_));
    std::unique_ptr<Http1Turn> turn = std::move(spare_.back());
    spare_.pop_back();
    turn->connection = &connection;
    turn->seen = 0;
    return turn;
}

void Http1Turns::give(std::unique_ptr<Http1Turn> turn) {
    turn->output.drop();
    turn->last_chunk = {};
    if (spare_.size() < kMostSpare) spare_.push_back(std::move(turn));
}

}  // namespace turnpike::server
