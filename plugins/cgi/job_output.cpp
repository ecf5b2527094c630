// job_output.cpp - the client's side of a job: from what the program writes to the response.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>  // WIFSIGNALED and its like
#include <cstring>
#include <system_error>

#include "job.h"
#include "sdk/gateway/interim.h"
#include "worker.h"

namespace turnpike::cgi {
namespace {

/// The machine is out of something that will come back: 503 and not 502.
bool isShortage(int error) { return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE; }

/// What the kernel's word leaves open: "no such file" is also what it says of a script whose interpreter is
/// missing.
const char* explained(int error) {
    if (error == ENOENT)
        return ": it is missing, or its first line names an interpreter that is, or ends in CR LF";
    if (error == ENOEXEC)
        return ": it is no program of this machine, and no script whose first line begins with #!";
    if (error == EAGAIN)
        return ": there are as many processes as its user or the site may have: see the keys processes and "
               "cgroup_processes";
    if (error == EACCES) return ": the site's user may not run it, or not enter its folder";
    return "";
}

/// The key whose limit ends a program by that signal.
const char* limitOf(int signal) {
    if (signal == SIGXCPU) return ": see the key cpu";
    if (signal == SIGXFSZ) return ": see the key file";
    return "";
}

}  // namespace

void Job::onOutput(uint32_t events) {
    out_.note(events);
    pump();
}

void Job::pump() {
    for (int reads = 0; out_.isOpen() && !is_held_ && !is_answered_; ++reads) {
        if (reads == kReadsPerTurn) return turn_.arm(0, call<&Job::onTurn>, this);
        const bool passes = passage_.takes(passable());
        const int64_t got = passes ? pass() : out_.read(request_, buffer_.get() + end_at_, kBuffer - end_at_);
        if (got == -ENOTSUP) continue;  // by reading
        if (got == -EAGAIN) break;
        if (got <= 0)
            closeOutput();
        else if (!passes)
            take(static_cast<size_t>(got));
    }
    if (!out_.isOpen()) return settle();
    bool has_head = head_.state() == gateway::ResponseHead::State::Complete;
    if (has_head && head_.localRedirect().empty() && !is_gathered_ && !is_begun_ && !is_answered_) gather();
}

/// How many of the next bytes may go to the client without being looked at. None where the programs' memory is
/// limited: what they write is theirs until the client has it, and one that is slow would take it all.
uint64_t Job::passable() const {
    if (!is_begun_ || end_at_ > begin_ || worker_.settings.group_limits.memory_bytes > 0) return 0;
    if (head_.length() < 0) return UINT64_MAX;
    const auto length = static_cast<uint64_t>(head_.length());
    return length - std::min(length, body_size_);
}

int64_t Job::pass() {
    int32_t sent = TP_SENT;
    const int64_t got = out_.pass(passage_, request_, passable(), &sent);
    if (got <= 0) return got;
    body_size_ += static_cast<uint64_t>(got);
    restartIdle();
    wasSent(sent);
    return got;
}

/// Waits for the rest, and for most programs the rest is their end: the news of that wakes the worker, so the pipe
/// need not wake it as well.
void Job::gather() {
    is_gathered_ = true;
    pause_.arm(kGatherMs, call<&Job::onGathered>, this);
    if (has_child_) out_.unwatch();
}

void Job::take(size_t size) {
    if (head_.size() == 0) services_.host.mark(request_, TP_PHASE_FIRST_BYTE);
    restartIdle();
    passage_.note(size);
    end_at_ += size;
    if (head_.state() != gateway::ResponseHead::State::Complete) {
        if (!takeHead()) return;
        size = end_at_ - begin_;
    }
    body_size_ += size;
    if (end_at_ == kBuffer ? begin() : is_begun_ && !out_.isAtEnd()) flush(0);
}

/// False: there is no body yet.
bool Job::takeHead() {
    using State = gateway::ResponseHead::State;
    State state;
    do {
        size_t consumed = 0;
        state = head_.feed({buffer_.get() + begin_, end_at_ - begin_}, &consumed);
        begin_ += consumed;
        // What keeps it from the client, as one that has left, is no fault of the program's.
        if (state == State::Interim)
            gateway::sendInterim(services_.host, request_, head_.status(), head_.fields());
    } while (state == State::Interim && begin_ < end_at_);
    if (state == State::Bad) fail(502, head_.reason());
    if (begin_ == end_at_) begin_ = end_at_ = 0;
    return state == State::Complete;
}

/// The output has ended: answers, once it is known how the program ended.
void Job::settle() {
    if (is_answered_ || is_held_) return;
    if (has_child_ && !is_exit_overdue_ && !isLengthReached())
        return pause_.arm(kExitMs, call<&Job::onExitOverdue>, this);
    pause_.cancel();
    bool has_head = head_.state() == gateway::ResponseHead::State::Complete;
    if (!has_head || (hasCrashed() && !isLengthReached()))
        return fail(isShortage(end_.error) ? 503 : 502, howItEnded());
    if (begin()) flush(TP_LAST);
}

/// Begins the response if it has not begun. False: there is none to be sent.
bool Job::begin() {
    if (is_begun_) return true;
    if (!head_.localRedirect().empty()) {
        // The request is given up with the redirect, and the program with the request: it may still be at work.
        if (out_.isOpen())
            begin_ = end_at_ = 0;
        else
            redirect();
        return false;
    }
    const tp_request_view& view = *services_.host.view(request_);
    bool has_body = view.method_id != TP_METHOD_HEAD && head_.status() != 204 && head_.status() != 304;
    int64_t length = head_.length();
    if (length == TP_LENGTH_UNKNOWN && !out_.isOpen() && has_body) length = static_cast<int64_t>(body_size_);
    int error =
        services_.host.start(request_, head_.status(), head_.fields().data(), head_.fields().size(), length);
    is_begun_ = error >= 0;
    if (!is_begun_) fail(502, "its header was refused: " + std::generic_category().message(-error));
    return is_begun_;
}

void Job::redirect() {
    std::string target(head_.localRedirect());
    is_answered_ = true;
    int error = services_.host.redirect(request_, str(target));
    if (error == -ELOOP) return fail(500, "its local redirects do not end: " + target);
    if (error < 0) fail(502, "its local redirect is no path: " + target);
}

void Job::flush(uint32_t flags) {
    tp_str part{buffer_.get() + begin_, end_at_ - begin_};
    is_answered_ = (flags & TP_LAST) != 0;
    int32_t result = services_.host.send(request_, &part, part.len > 0 ? 1 : 0, flags);
    if (is_answered_) return;  // what the client has not taken stays where it is until onDone()
    wasSent(result);
    if (!is_held_) begin_ = end_at_ = 0;
}

void Job::wasSent(int32_t result) {
    is_held_ = result == TP_WAIT;
    is_answered_ = result == TP_GONE;
    if (is_held_) idle_.cancel();  // the program may have to wait for the client
}

void Job::onWritable() {
    Busy busy(*this);
    if (is_answered_) return;
    is_held_ = false;
    begin_ = end_at_ = 0;
    restartIdle();
    pump();
}

void Job::closeOutput() {
    services_.host.mark(request_, TP_PHASE_LAST_BYTE);
    out_.close(request_);
    idle_.cancel();
}

void Job::restartIdle() {
    if (worker_.settings.idle_ms > 0 && out_.isOpen())
        idle_.arm(worker_.settings.idle_ms, call<&Job::onIdle>, this);
}

bool Job::isLengthReached() const {
    return head_.state() == gateway::ResponseHead::State::Complete && head_.length() >= 0 &&
           body_size_ >= static_cast<uint64_t>(head_.length());
}

bool Job::hasCrashed() const { return !has_child_ && (end_.status == -1 || WIFSIGNALED(end_.status)); }

/// The interpreter of the config, since every message begins with the script.
std::string Job::whatIsStarted() const {
    const std::vector<std::string>& interpreter = worker_.settings.interpreter;
    return interpreter.empty() ? "" : interpreter[0] + ": ";
}

std::string Job::howItEnded() const {
    if (!has_child_ && end_.status == -1)
        return "cannot be started: " + whatIsStarted() + std::generic_category().message(end_.error) +
               explained(end_.error);
    std::string how = head_.size() == 0 && head_.interims() > 0                 ? "wrote only interim heads"
                      : head_.size() == 0                                       ? "wrote nothing"
                      : head_.state() == gateway::ResponseHead::State::Complete ? "did not finish its output"
                                                                                : "did not finish its header";
    if (has_child_) return how + " and closed its output";
    if (WIFSIGNALED(end_.status))
        return how + ": ended by signal " + std::to_string(WTERMSIG(end_.status)) + " (" +
               strsignal(WTERMSIG(end_.status)) + ")" + limitOf(WTERMSIG(end_.status));
    return how + ": exit status " + std::to_string(WEXITSTATUS(end_.status));
}

// --- timers

void Job::onGathered() {
    out_.retry();
    pump();
    if (!out_.isOpen()) return;
    if (!watchOutput()) return failToWatch();
    if (!is_begun_ && !is_answered_ && begin()) flush(0);
}

void Job::onExitOverdue() {
    is_exit_overdue_ = true;
    settle();
}

void Job::onIdle() {
    if (has_child_)
        return fail(504, "wrote nothing for " + std::to_string(worker_.settings.idle_ms) +
                             " ms: see the key idle_timeout");
    closeOutput();  // the program has ended; something that it left behind holds its output
    settle();
}

void Job::onTurn() {
    readErrors();
    pump();
}

}  // namespace turnpike::cgi
