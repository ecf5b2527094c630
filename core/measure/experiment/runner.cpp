#include "measure/experiment/runner.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "measure/stats/random.h"

namespace turnpike::measure {
namespace {

/// What is settled already: trials by cell and block.
class Record {
 public:
    /// `repeats`: how many trials may be repeated in all.
    Record(const std::vector<Trial>& trials, unsigned attempts, size_t repeats)
        : attempts_(attempts), repeats_left_(repeats) {
        for (const Trial& trial : trials) add(trial);
    }
    void add(const Trial& trial) {
        Entry& entry = entries_[{trial.cell, trial.block}];
        if (++entry.trials > 1 && repeats_left_ > 0) --repeats_left_;
        entry.is_accepted = entry.is_accepted || trial.rejected.empty();
        uint32_t& next = next_position_[{trial.cell.substr(0, trial.cell.find('/')), trial.block}];
        if (trial.position >= next) next = trial.position + 1;
    }
    bool isSettled(const std::string& cell, unsigned block) const {
        auto found = entries_.find({cell, block});
        if (found == entries_.end()) return false;
        return found->second.is_accepted || found->second.trials >= attempts_ || repeats_left_ == 0;
    }
    unsigned trialsOf(const std::string& cell, unsigned block) const {
        auto found = entries_.find({cell, block});
        return found == entries_.end() ? 0 : found->second.trials;
    }
    uint32_t nextPosition(const std::string& experiment, unsigned block) const {
        auto found = next_position_.find({experiment, block});
        return found == next_position_.end() ? 0 : found->second;
    }

 private:
    struct Entry {
        unsigned trials = 0;
        bool is_accepted = false;
    };
    unsigned attempts_;
    size_t repeats_left_;
    std::map<std::pair<std::string, uint32_t>, Entry> entries_;
    std::map<std::pair<std::string, uint32_t>, uint32_t> next_position_;
};

size_t repeatsOf(const std::vector<Plan>& plans, const Pace& pace) {
    return static_cast<size_t>(pace.most_repeats * static_cast<double>(plans.size() * pace.blocks));
}

class Runner {
 public:
    Runner(const std::vector<Plan>& plans, const Pace& pace, uint64_t seed, const std::vector<Trial>& before,
           Bench& bench, const Hooks& hooks)
        : pace_(pace),
          seed_(seed),
          record_(before, pace.attempts, repeatsOf(plans, pace)),
          bench_(bench),
          hooks_(hooks) {
        for (const Plan& plan : plans) {
            if (groups_.empty() || groups_.back().front().cell.experiment != plan.cell.experiment)
                groups_.emplace_back();
            groups_.back().push_back(plan);
        }
        progress_.blocks = pace.blocks;
        for (const auto& group : groups_)
            for (unsigned block = 0; block < pace.blocks; ++block) progress_.planned += open(group, block).size();
    }

    Result<bool> run() {
        for (const auto& group : groups_)
            if (auto done = runExperiment(group); !done || !*done) return done;
        return true;
    }

 private:
    using Plans = std::vector<Plan>;

    /// The places of the cells that still want a trial, in the order of the block; what has had fewer goes first,
    /// so that a run that was stopped goes on with what would have come.
    std::vector<size_t> open(const Plans& plans, unsigned block) const {
        std::vector<size_t> order = orderOf(seed_, plans.front().cell.experiment, block, plans.size());
        std::erase_if(order, [&](size_t i) { return record_.isSettled(plans[i].cell.key, block); });
        std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
            return record_.trialsOf(plans[a].cell.key, block) < record_.trialsOf(plans[b].cell.key, block);
        });
        return order;
    }

    Result<bool> runExperiment(const Plans& plans) {
        progress_.experiment = plans.front().cell.experiment;
        bool is_ready = false;
        for (unsigned block = 0; block < pace_.blocks; ++block) {
            if (open(plans, block).empty()) continue;
            const bool is_stale = pace_.refresh_blocks != 0 && block % pace_.refresh_blocks == 0;
            if (!is_ready || is_stale) {
                tell(block);
                if (auto prepared = bench_.prepare(plans); !prepared) return prepared;
                is_ready = true;
            }
            if (auto done = runBlock(plans, block); !done || !*done) return done;
        }
        return true;
    }

    Result<bool> runBlock(const Plans& plans, unsigned block) {
        for (auto order = open(plans, block); !order.empty(); order = open(plans, block))
            for (const size_t i : order) {
                if (hooks_.is_stopped()) return false;
                if (record_.isSettled(plans[i].cell.key, block)) continue;  // there are no repeats left
                tell(block);
                if (auto kept = runTrial(plans[i], block); !kept) return kept;
                ++progress_.done;
                if (!record_.isSettled(plans[i].cell.key, block)) ++progress_.planned;
            }
        return true;
    }

    Result<bool> runTrial(const Plan& plan, unsigned block) {
        auto trial = bench_.measure(plan);
        if (!trial) return trial.error();
        trial->cell = plan.cell.key;
        trial->block = block;
        trial->position = record_.nextPosition(plan.cell.experiment, block);
        record_.add(*trial);
        return hooks_.keep(*trial);
    }

    void tell(unsigned block) {
        progress_.block = block;
        hooks_.tell(progress_);
    }

    const Pace& pace_;
    const uint64_t seed_;
    Record record_;
    Bench& bench_;
    const Hooks& hooks_;
    std::vector<Plans> groups_;
    Progress progress_;
};

}  // namespace

Pace paceOf(Extent extent) {
    Pace pace;
    if (extent == Extent::Full) return pace;
    pace.blocks = 6;
    pace.window_ms = pace.least_window_ms = 150;
    pace.warm_up_ms = 50;
    pace.attempts = 2;
    pace.most_repeats = 0.1;
    pace.refresh_blocks = 0;
    return pace;
}

std::vector<size_t> orderOf(uint64_t seed, const std::string& experiment, unsigned block, size_t count) {
    uint64_t mixed = seed;
    for (const char c : experiment) mixed = (mixed ^ static_cast<unsigned char>(c)) * 1099511628211u;  // FNV-1a
    Random random((mixed ^ block) * 1099511628211u);
    std::vector<size_t> order(count);
    std::iota(order.begin(), order.end(), size_t{0});
    random.shuffle(order);
    return order;
}

Result<bool> run(const std::vector<Plan>& plans, const Pace& pace, uint64_t seed, const std::vector<Trial>& before,
                 Bench& bench, const Hooks& hooks) {
    return Runner(plans, pace, seed, before, bench, hooks).run();
}

}  // namespace turnpike::measure
