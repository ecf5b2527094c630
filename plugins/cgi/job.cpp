// job.cpp - the program's side of a job: its start, its input, its errors and its end.
#include "job.h"

#include <cerrno>
#include <system_error>

#include "worker.h"

namespace turnpike::cgi {
namespace {

bool isNonParsed(std::string_view name) { return name.substr(name.rfind('/') + 1).starts_with("nph-"); }

std::string describe(int error) { return std::generic_category().message(error); }

}  // namespace

Job::Job(Worker& worker)
    : worker_(worker),
      services_(worker.services),
      in_(services_),
      out_(services_),
      err_(services_),
      deadline_(services_),
      idle_(services_),
      pause_(services_),
      turn_(services_),
      lasting_(services_),
      errors_(services_, worker.log_budget) {}

void Job::open(tp_request* request, gateway::Script& script) {
    request_ = request;
    std::swap(script_, script);
    body_ = {};
    body_.fd = -1;
    end_ = {};
    input_ = {};
    // A program that stands for the whole site is no part of the path.
    errors_.reset(script_.name.empty() ? script_.filename : script_.name, services_.host.view(request)->id);
    head_.reset(isNonParsed(script_.filename) ? gateway::Dialect::NonParsed : gateway::Dialect::Cgi);
    begin_ = end_at_ = 0;
    passage_.begin();
    body_size_ = 0;
    is_gathered_ = is_begun_ = is_held_ = is_answered_ = is_exit_overdue_ = false;
}

void Job::release() {
    in_.close(nullptr);
    out_.close(nullptr);
    err_.close(nullptr);
    for (Timer* timer : {&deadline_, &idle_, &pause_, &turn_, &lasting_}) timer->cancel();
    worker_.recycle(*this, std::move(buffer_));
}

void Job::wait(uint64_t milliseconds) {
    is_waiting_ = true;
    deadline_.arm(milliseconds, call<&Job::onQueueTimeout>, this);
}

void Job::onQueueTimeout() {
    worker_.leaveQueue(*this);
    is_waiting_ = false;
    fail(503, "waited " + std::to_string(worker_.settings.queue_ms) +
                  " ms for its turn while all programs ran: see the keys children and queue_timeout");
}

bool Job::start() {
    Busy busy(*this);
    is_waiting_ = false;
    deadline_.cancel();
    Plumbing pipes;
    if (int error = lay(pipes); error != 0) {
        fail(503, "no pipe for the program: " + describe(-error));
        return false;
    }
    if (!spawn(pipes)) return false;
    if (!watch(pipes)) failToWatch();
    return true;
}

int Job::lay(Plumbing& pipes) {
    if (int error = layInput(pipes); error != 0) return error;
    if (int error = makePipe(services_, request_, 0, pipes.output); error != 0) return error;
    return makePipe(services_, request_, 0, pipes.errors);
}

int Job::layInput(Plumbing& pipes) {
    if (body_.fd >= 0) {
        pipes.input = body_.fd;  // it begins at offset 0
        return 0;
    }
    if (body_.size == 0) {
        pipes.input = worker_.emptyInput();
        return pipes.input < 0 ? pipes.input : 0;
    }
    Pipe pipe;
    int error = makePipe(services_, request_, 1, pipe);
    pipes.input = pipe.read.get();
    pipes.input_theirs = std::move(pipe.read);
    pipes.input_ours = std::move(pipe.write);
    if (error != 0) return error;
    input_ = text(body_.memory);
    tp_str part = body_.memory;  // most bodies fit, and then the program's input is never watched
    int64_t taken = services_.io.write(request_, pipes.input_ours.get(), &part, 1);
    if (taken > 0) input_.remove_prefix(static_cast<size_t>(taken));
    return 0;
}

bool Job::spawn(const Plumbing& pipes) {
    tp_spawn spec = worker_.command.build(*services_.host.view(request_), script_, body_.size);
    spec.stdin_fd = pipes.input;
    spec.stdout_fd = pipes.output.write.get();
    spec.stderr_fd = pipes.errors.write.get();
    int32_t error = 0;
    child_ = services_.process.spawn(request_, services_.worker, &spec, ended, this, &error);
    has_child_ = child_ != nullptr;
    if (!has_child_) fail(503, "the spawner did not take it: " + describe(-error));
    return has_child_;
}

bool Job::watch(Plumbing& pipes) {
    pipes.closeTheirs();
    services_.host.mark(request_, TP_PHASE_CONNECTED);
    buffer_ = worker_.takeBuffer();
    if (worker_.settings.timeout_ms > 0) deadline_.arm(worker_.settings.timeout_ms, call<&Job::onDeadline>, this);
    out_.open(std::move(pipes.output.read));
    err_.open(std::move(pipes.errors.read));
    if (!watchOutput()) return false;
    lasting_.arm(kShortMs, call<&Job::onLasting>, this);
    restartIdle();
    if (input_.empty()) {
        services_.host.mark(request_, TP_PHASE_SENT);
        return true;
    }
    in_.open(std::move(pipes.input_ours));
    return in_.watch(TP_WRITABLE, request_, call<&Job::onInput>, this);
}

bool Job::watchOutput() { return out_.watch(TP_READABLE, request_, call<&Job::onOutput>, this); }

bool Job::watchErrors() { return err_.watch(TP_READABLE, request_, call<&Job::onErrors>, this); }

void Job::kill() {
    if (child_ != nullptr) services_.process.kill(std::exchange(child_, nullptr), kKillGraceMs);
}

void Job::ended(void* arg, const tp_child_end* end) {
    Job& job = *static_cast<Job*>(arg);
    Worker& worker = job.worker_;
    {
        Busy busy(job);
        job.onEnded(*end);
    }
    worker.freePlace();
}

void Job::onEnded(const tp_child_end& end) {
    child_ = nullptr;
    has_child_ = false;
    end_ = end;
    deadline_.cancel();
    in_.close(request_);
    err_.retry();
    readErrors();
    err_.close(request_);
    errors_.finish(request_);
    lasting_.cancel();
    out_.retry();
    if (request_ == nullptr) return;
    pump();
    // Something that it left behind may hold its output open.
    if (!watchOutput()) failToWatch();
}

void Job::onDeadline() {
    if (request_ != nullptr && !is_answered_)
        return fail(
            504, "did not end within " + std::to_string(worker_.settings.timeout_ms) + " ms: see the key timeout");
    kill();  // it has answered, and went on in the background
}

void Job::fail(uint32_t status, std::string_view cause) {
    Busy busy(*this);
    is_answered_ = true;
    std::string whole = script_.filename + ": ";
    whole.append(cause);
    kill();
    services_.host.fail(request_, status, str(whole));
}

void Job::failToWatch() { fail(503, "the program's pipes cannot be watched"); }

void Job::onDone(bool aborted) {
    Busy busy(*this);
    if (is_waiting_) worker_.leaveQueue(*this);
    is_waiting_ = false;
    if (aborted || out_.isOpen()) kill();
    in_.close(request_);
    out_.close(request_);
    err_.orphan();
    idle_.cancel();
    pause_.cancel();
    is_answered_ = true;
    request_ = nullptr;
}

// --- its input and its errors

void Job::onInput(uint32_t) { writeInput(); }

void Job::writeInput() {
    while (!input_.empty()) {
        int64_t taken = in_.write(request_, str(input_));
        if (taken == -EAGAIN) return;
        if (taken < 0) break;  // it does not read its body: its own choice
        input_.remove_prefix(static_cast<size_t>(taken));
    }
    services_.host.mark(request_, TP_PHASE_SENT);
    in_.close(request_);
}

/// A program that has not ended by now: what it says in the meantime is to be heard.
void Job::onLasting() {
    if (!watchErrors() && request_ != nullptr) failToWatch();
}

void Job::onErrors(uint32_t events) {
    err_.note(events);
    readErrors();
}

void Job::readErrors() {
    for (int reads = 0; err_.isOpen(); ++reads) {
        if (reads == kReadsPerTurn) return turn_.arm(0, call<&Job::onTurn>, this);
        int64_t got = err_.read(request_, worker_.scratch.get(), kBuffer);
        if (got == -EAGAIN) return;
        if (got <= 0) return err_.close(request_);
        errors_.take({worker_.scratch.get(), static_cast<size_t>(got)}, request_);
    }
}

}  // namespace turnpike::cgi
