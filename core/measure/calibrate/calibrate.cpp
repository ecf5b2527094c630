#include "measure/calibrate/calibrate.h"

#include <cstring>

#include "measure/calibrate/probes.h"
#include "measure/calibrate/programs.h"
#include "os/machine.h"

namespace turnpike::measure {
namespace {

/// The calling thread is bound to one processor, and is free again afterwards.
class Bound {
 public:
    explicit Bound(const std::vector<unsigned>& allowed)
        : allowed_(allowed), error_(os::runOn({allowed.front()})) {}
    ~Bound() { os::runOn(allowed_); }
    Bound(const Bound&) = delete;
    Bound& operator=(const Bound&) = delete;
    int error() const { return error_; }

 private:
    const std::vector<unsigned>& allowed_;
    int error_;
};

}  // namespace

Result<std::vector<Constant>> calibrate(const CalibrationOptions& options, std::vector<std::string>* notes) {
    const std::vector<unsigned> allowed = os::allowedProcessors();
    if (allowed.empty()) return Error{ENOSYS, "cannot tell which processors this process may run on"};
    Bound bound(allowed);
    if (bound.error() < 0)
        return Error{-bound.error(),
                     std::string("cannot stay on one processor: ") + std::strerror(-bound.error())};
    Probes probes;
    addCallProbes(probes);
    addHopProbes(probes, allowed);
    addSpawnProbes(probes, options.program_folder.empty() ? ownProgramFolder() : options.program_folder);
    addConnectProbes(probes, options);
    std::vector<Constant> constants = takeTurns(probes, options);
    if (notes != nullptr) *notes = probes.notes;
    return constants;
}

}  // namespace turnpike::measure
