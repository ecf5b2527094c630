#include "measure/stats/ecdf.h"

#include "base/assert.h"

namespace turnpike::measure {

std::vector<EcdfPoint> ecdf(const Draws& draws, std::span<const Histogram* const> blocks,
                            std::span<const double> percents) {
    TP_ASSERT(blocks.size() == draws.blocks());
    std::vector<EcdfPoint> points;
    for (double percent : percents) {
        std::vector<double> values;
        for (const Histogram* block : blocks) values.push_back(static_cast<double>(block->percentile(percent)));
        points.push_back({percent, meanOverBlocks(draws, values)});
    }
    return points;
}

}  // namespace turnpike::measure
