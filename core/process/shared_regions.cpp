#include "process/shared_regions.h"

namespace turnpike::process {

Result<std::vector<server::SharedUse>> SharedRegions::assign(const std::vector<server::SharedSpec>& specs,
                                                             const std::string& spool_folder) {
    std::erase_if(all_, [](const Known& known) { return known.region.expired(); });
    std::vector<server::SharedUse> uses;
    for (const server::SharedSpec& spec : specs) {
        std::shared_ptr<os::SharedRegion> found;
        for (const Known& known : all_)
            if (known.spec.isSame(spec)) found = known.region.lock();
        if (!found) {
            auto made = os::SharedRegion::create(spec.size, spec.locks, spec.on_disk ? spool_folder : "");
            if (!made)
                return Error{made.error().code, "site " + spec.site + ": " + spec.name + ": " + made.error().text};
            found = std::move(*made);
            all_.push_back({spec, found});
        }
        uses.push_back({spec, std::move(found)});
    }
    return uses;
}

}  // namespace turnpike::process
