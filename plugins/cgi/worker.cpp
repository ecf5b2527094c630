#include "worker.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace turnpike::cgi {

namespace {

/// Of other languages' programs nobody expects that they take settings of PHP's.
bool isPhp(const Settings& settings, const gateway::Script& script) {
    const std::string_view program = settings.interpreter.empty() ? script.filename : settings.interpreter.front();
    return program.substr(program.rfind('/') + 1).starts_with("php") || script.filename.ends_with(".php");
}

/// FastCGI's PHP takes its settings from these two, and no CGI program reads them.
bool hasPhpSettings(const tp_request_view& view) {
    return std::any_of(view.variables, view.variables + view.variable_count, [](const tp_field& variable) {
        return text(variable.name) == "PHP_VALUE" || text(variable.name) == "PHP_ADMIN_VALUE";
    });
}

}  // namespace

Worker::Worker(const Settings& with, const Services& of)
    : settings(with), services(of), command(with), log_budget(services), scratch(new char[kBuffer]) {}

Worker::~Worker() {
    for (auto& job : jobs_) job->abandon();
}

tp_verdict Worker::onRequest(tp_request* request) {
    const tp_request_view& view = *services.host.view(request);
    gateway::Script script;
    int error = find(view, request, script);
    if (error == -ENOENT || error == -ENAMETOOLONG || error == -ELOOP || error == -EXDEV) return TP_DECLINED;
    if (error != 0) return refuse(request, error, text(view.path));
    if (hasPhpSettings(view) && isPhp(settings, script)) {
        services.host.fail(
            request, 500,
            str(std::string(text(view.path)) +
                ": php_value or php_flag of a .htaccess file does not reach PHP as a CGI program: run it by "
                "the plugin php or fastcgi, or set it in .user.ini"));
        return TP_FAILED;
    }
    Job& job = obtain();
    job.open(request, script);
    by_request_[request] = &job;
    if (view.body_length != 0)
        services.host.spool_body(request);
    else
        admit(job);
    return TP_PENDING;
}

int Worker::find(const tp_request_view& view, tp_request* request, gateway::Script& script) const {
    if (settings.program.empty())
        return gateway::findScript(services.io, request, text(view.document_root), text(view.path),
                                   settings.suffixes, settings.interpreter.empty(), script);
    script.filename = settings.program;
    return gateway::scriptAtPrefix(view, script) ? 0 : -ENOENT;
}

tp_verdict Worker::refuse(tp_request* request, int error, std::string_view path) {
    std::string cause(path);
    if (error == -EACCES)
        cause += ": not executable, or in a folder that the server may not enter";
    else
        cause += ": cannot be looked up: " + std::generic_category().message(-error);
    services.host.fail(request, error == -EACCES ? 403 : 500, str(cause));
    return TP_FAILED;
}

void Worker::onSpooled(tp_request* request, const tp_body& body) {
    Job* job = find(request);
    if (job == nullptr) return;
    job->setBody(body);
    admit(*job);
}

void Worker::onWritable(tp_request* request) {
    Job* job = find(request);
    if (job != nullptr) job->onWritable();
}

void Worker::onDone(tp_request* request, bool aborted) {
    Job* job = find(request);
    if (job == nullptr) return;
    by_request_.erase(request);
    job->onDone(aborted);
}

void Worker::admit(Job& job) {
    if (running_ < settings.children && queue_.empty()) {
        running_ += job.start() ? 1 : 0;
    } else if (queue_.size() < settings.queue) {
        services.host.mark(job.request(), TP_PHASE_QUEUED);
        queue_.push_back(&job);
        job.wait(settings.queue_ms);
    } else {
        job.fail(503, "all " + std::to_string(settings.children) + " programs run and " +
                          std::to_string(queue_.size()) + " requests wait: see the keys children and queue");
    }
}

void Worker::freePlace() {
    --running_;
    while (running_ < settings.children && !queue_.empty()) {
        Job* next = queue_.front();
        queue_.pop_front();
        running_ += next->start() ? 1 : 0;
    }
}

void Worker::leaveQueue(Job& job) { queue_.erase(std::find(queue_.begin(), queue_.end(), &job)); }

Job* Worker::find(tp_request* request) {
    auto found = by_request_.find(request);
    return found == by_request_.end() ? nullptr : found->second;
}

Job& Worker::obtain() {
    if (idle_.empty()) {
        jobs_.push_back(std::make_unique<Job>(*this));
        idle_.push_back(jobs_.back().get());
    }
    Job* job = idle_.back();
    idle_.pop_back();
    return *job;
}

void Worker::recycle(Job& job, std::unique_ptr<char[]> buffer) {
    if (buffer != nullptr) buffers_.push_back(std::move(buffer));
    idle_.push_back(&job);
}

std::unique_ptr<char[]> Worker::takeBuffer() {
    if (buffers_.empty()) return std::make_unique_for_overwrite<char[]>(kBuffer);
    std::unique_ptr<char[]> buffer = std::move(buffers_.back());
    buffers_.pop_back();
    return buffer;
}

int Worker::emptyInput() {
    if (empty_input_.get() >= 0) return empty_input_.get();
    Pipe pipe;
    int error = makePipe(services, nullptr, 1, pipe);
    if (error < 0) return error;
    empty_input_ = std::move(pipe.read);  // its other end closes here, and is never opened again
    return empty_input_.get();
}

}  // namespace turnpike::cgi
