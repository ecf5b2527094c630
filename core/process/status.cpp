#include "process/status.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <sstream>

#include "base/clock.h"
#include "os/process.h"
#include "process/master.h"
#include "server/backend_path.h"

namespace turnpike::process {
namespace {
using Poco::JSON::Array;
using Poco::JSON::Object;
using Number = Poco::UInt64;

Object::Ptr countersOf(const ledger::Counters& counters) {
    Object::Ptr object = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    for (const auto& counter : ledger::kCounters) object->set(counter.name, Number(valueOf(counters, counter)));
    return object;
}

Object::Ptr connectionsOf(const ledger::Counters& counters) {
    Object::Ptr object = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    for (size_t i = 0; i < ledger::kConnectionStates; ++i)
        object->set(ledger::kConnectionStateNames[i].name, Number(counters.in_state[i]));
    return object;
}

Object::Ptr crossingsOf(const ledger::Account& account) {
    Object::Ptr object = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    for (size_t i = 0; i < ledger::kClasses; ++i) {
        Object::Ptr of = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
        of->set("calls", Number(account.of[i].calls));
        of->set("errors", Number(account.of[i].errors));
        of->set("bytes", Number(account.of[i].bytes));
        object->set(ledger::name(static_cast<ledger::Class>(i)), of);
    }
    object->set("event_milli", Number(account.event_milli));
    return object;
}

const char* stateName(const Generation& generation, const Generation::Worker& worker) {
    if (generation.state() == Generation::State::Draining) return "draining";
    return worker.ready ? "serving" : "starting";
}

Array::Ptr workersOf(const StatusInput& input) {
    Array::Ptr array = new Array;
    for (const Generation* generation : input.generations) {
        for (const auto& worker : generation->workers()) {
            const ledger::WorkerSlot& slot = input.state->slot(worker->seat);
            Object::Ptr object = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
            object->set("pid", worker->pid);
            object->set("index", worker->index);
            object->set("generation", generation->plan().number);
            object->set("state", stateName(*generation, *worker));
            object->set("uptime_s", Number((monotonicNs() - worker->started_ns) / 1'000'000'000));
            object->set("counters", countersOf(slot.counters));
            object->set("connections", connectionsOf(slot.counters));
            object->set("crossings", crossingsOf(slot.account));
            array->add(object);
        }
    }
    return array;
}

void addMemory(pid_t pid, Array& to) {
    Object::Ptr object = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    object->set("pid", pid);
    object->set("private_bytes", Number(os::privateBytes(pid)));
    to.add(object);
}

/// A program and what it has forked: php-fpm's children, interpreters. What scripts start further down is not
/// looked at, and no more than `most`: the master answers this.
void addMemoryOfAll(pid_t pid, size_t most, Array& to) {
    addMemory(pid, to);
    std::vector<pid_t> children = os::childrenOf(pid);
    for (size_t i = 0; i < std::min(children.size(), most); ++i) addMemory(children[i], to);
}

Object::Ptr backendOf(const StatusInput& input, const server::BackendSpec& spec, uint32_t account,
                      const std::string& folder) {
    Object::Ptr object = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    object->set("name", spec.name);
    object->set("address", server::backendAddress(spec, folder));
    object->set("supervised", !spec.command.empty());
    object->set("places", spec.count);
    object->set("held", input.state->places().held(account));
    object->set("waiting_workers", input.state->places().waiting(account));
    Array::Ptr pids = new Array, memory = new Array;
    auto state = input.spawner->backends().find(server::backendFolder(spec, folder));
    if (state != input.spawner->backends().end()) {
        for (uint32_t pid : state->second.pids) {
            pids->add(pid);
            addMemoryOfAll(static_cast<pid_t>(pid), spec.count + size_t{8}, *memory);
        }
        object->set("restarts", Number(state->second.restarts));
    }
    object->set("processes", pids);
    object->set("memory", memory);
    return object;
}

Array::Ptr backendsOf(const StatusInput& input) {
    Array::Ptr array = new Array;
    if (input.generations.empty()) return array;
    const Plan& plan = input.generations.front()->plan();
    std::set<uint32_t> shown;  // what several routes share stands here once
    for (size_t i = 0; i < plan.backends.size(); ++i)
        if (shown.insert(plan.accounts[i]).second)
            array->add(backendOf(input, plan.backends[i], plan.accounts[i], plan.users.runtime_folder));
    return array;
}

/// Buckets from 2^kFirstBound to 2^kLastBound microseconds.
constexpr unsigned kFirstBound = 7, kLastBound = 26;

Object::Ptr timesOf(const ledger::Times& times) {
    Object::Ptr object = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    Array::Ptr buckets = new Array;
    uint64_t count = 0;
    size_t next = 0;
    for (unsigned bound = kFirstBound; bound <= kLastBound; ++bound) {
        const uint64_t most = (uint64_t{1} << bound) - 1;
        for (; next < ledger::Times::kBuckets && ledger::Times::endOf(next) <= most; ++next)
            count += times.buckets[next];
        Object::Ptr bucket = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
        bucket->set("most_us", Number(most));
        bucket->set("count", Number(count));
        buckets->add(bucket);
    }
    for (; next < ledger::Times::kBuckets; ++next) count += times.buckets[next];
    object->set("count", Number(count));
    object->set("sum_us", Number(times.sum_us));
    object->set("p50_us", Number(times.percentile(50)));
    object->set("p99_us", Number(times.percentile(99)));
    object->set("buckets", buckets);
    return object;
}

Object::Ptr siteOf(const std::string& name, const ledger::SiteTotals& site) {
    Object::Ptr object = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    object->set("name", name);
    Object::Ptr counters = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    const ledger::SiteCounters& c = site.counters;
    counters->set("requests", Number(c.requests));
    counters->set("status_2xx", Number(c.status_2xx));
    counters->set("status_3xx", Number(c.status_3xx));
    counters->set("status_4xx", Number(c.status_4xx));
    counters->set("status_5xx", Number(c.status_5xx));
    counters->set("aborted", Number(c.aborted));
    counters->set("bytes_received", Number(c.bytes_received));
    counters->set("bytes_sent", Number(c.bytes_sent));
    object->set("counters", counters);
    Object::Ptr times = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    times->set("total", timesOf(site.times.total));
    times->set("queue", timesOf(site.times.queue));
    times->set("backend", timesOf(site.times.backend));
    object->set("times", times);
    return object;
}

/// The sites of the serving generation, with what all workers did for them.
Array::Ptr sitesOf(const StatusInput& input) {
    Array::Ptr array = new Array;
    if (input.generations.empty()) return array;
    SiteTotals totals = input.state->goneSites();
    for (const Generation* generation : input.generations)
        for (const auto& worker : generation->workers())
            addSites(totals, generation->plan().snapshot->sites, worker->sites);
    for (const config::Site& site : input.generations.front()->plan().snapshot->sites)
        array->add(siteOf(site.name, totals[site.name]));
    return array;
}

/// The plugins of the serving generation.
Array::Ptr pluginsOf(const StatusInput& input) {
    Array::Ptr array = new Array;
    if (input.generations.empty()) return array;
    PluginTotals totals = input.state->gonePlugins();
    for (const Generation* generation : input.generations)
        for (const auto& worker : generation->workers())
            addPlugins(totals, generation->pluginNames(), worker->plugins);
    for (const std::string& name : input.generations.front()->pluginNames()) {
        Object::Ptr object = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
        object->set("name", name);
        object->set("requests", Number(totals[name].requests));
        object->set("time_us", Number(totals[name].ns / 1000));
        array->add(object);
    }
    return array;
}

/// What plugins count in the memory that their workers share.
Array::Ptr sharedOf(const StatusInput& input) {
    Array::Ptr array = new Array;
    if (input.generations.empty()) return array;
    for (const server::SharedUse& use : input.generations.front()->plan().shared) {
        Object::Ptr counters = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
        const auto* values = static_cast<const std::atomic<uint64_t>*>(use.region->memory());
        for (size_t i = 0; i < use.spec.counters.size(); ++i)
            counters->set(use.spec.counters[i], Number(values[i].load()));
        Object::Ptr object = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
        object->set("site", use.spec.site);
        object->set("name", use.spec.name);
        object->set("bytes", Number(use.spec.size));
        object->set("counters", counters);
        array->add(object);
    }
    return array;
}

Object::Ptr childrenOf(const ledger::ChildrenSlot& slot) {
    Object::Ptr object = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    object->set("started", Number(slot.started));
    object->set("ended", Number(slot.ended));
    object->set("failed", Number(slot.failed));
    object->set("cpu_us", Number(slot.cpu_us));
    return object;
}

std::string textOf(const Object& object) {
    std::ostringstream out;
    object.stringify(out);
    return out.str();
}
}  // namespace

std::string statusJson(const StatusInput& input) {
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("version", TURNPIKE_VERSION);
    object.set("pid", os::ownPid());
    object.set("spawner_pid", input.spawner->pid());
    object.set("uptime_s", Number(input.uptime_s));
    object.set("config", input.config_path);
    object.set("generation", input.generations.empty() ? 0u : input.generations.front()->plan().number);
    object.set("reloads", Number(input.reloads));
    object.set("failed_reloads", Number(input.failed_reloads));
    object.set("last_problem", input.last_problem);
    object.set("worker_deaths", Number(input.deaths));
    // Who speaks plain HTTP to the server, as `turnpike toll` does, goes by the first list.
    Array::Ptr listen = new Array, listen_tls = new Array;
    if (!input.generations.empty()) {
        const Plan& plan = input.generations.front()->plan();
        for (size_t i = 0; i < plan.sockets.size(); ++i)
            (plan.snapshot->server.listen[i].tls ? listen_tls : listen)->add(plan.sockets[i]->address.text());
    }
    object.set("listen", listen);
    object.set("listen_tls", listen_tls);
    object.set("workers", workersOf(input));
    Totals totals = input.state->totals();
    Object::Ptr sums = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    sums->set("counters", countersOf(totals.counters));
    sums->set("connections", connectionsOf(totals.counters));
    sums->set("crossings", crossingsOf(totals.account));
    object.set("totals", sums);
    object.set("sites", sitesOf(input));
    object.set("plugins", pluginsOf(input));
    object.set("backends", backendsOf(input));
    object.set("shared", sharedOf(input));
    object.set("children", childrenOf(input.state->children()));
    return textOf(object);
}

std::string reloadJson(uint32_t generation, const Problems& problems) {
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("generation", generation);
    Array::Ptr list = new Array;
    for (const std::string& problem : problems) list->add(problem);
    object.set("problems", list);
    return textOf(object);
}

std::string Master::statusJson() const {
    StatusInput input;
    input.config_path = options_.config_path;
    input.last_problem = last_problem_;
    input.uptime_s = (monotonicNs() - started_ns_) / 1'000'000'000;
    input.reloads = reloads_;
    input.failed_reloads = failed_reloads_;
    input.deaths = past_deaths_;
    if (current_) input.generations.push_back(current_.get());
    for (const auto& generation : retired_) input.generations.push_back(generation.get());
    for (const Generation* generation : input.generations) input.deaths += generation->deaths();
    input.state = &*state_;
    input.spawner = spawner_.get();
    return process::statusJson(input);
}

}  // namespace turnpike::process
