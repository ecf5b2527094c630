// cells.h - the cells of each experiment, one function a page of the method. For matrix.cpp and for who
// has cells of another experiment.
#pragma once
#include <initializer_list>
#include <string>
#include <vector>

#include "measure/experiment/matrix.h"

namespace turnpike::measure {

/// Collects the plans of one experiment.
class Cells {
 public:
    using Factors = std::vector<std::pair<std::string, std::string>>;

    Cells(std::string experiment, std::vector<Plan>& to) : experiment_(std::move(experiment)), to_(to) {}

    /// A cell whose key is made of the factors' values in their order. The reference is good until the next one.
    Plan& add(const Factors& factors, LoadKind load, const std::string& config, std::vector<std::string> paths,
              uint64_t body);

 private:
    std::string experiment_;
    std::vector<Plan>& to_;
};

void addCalibrationCells(Extent extent, std::vector<Plan>& to);  // E0
void addStaticCells(Extent extent, std::vector<Plan>& to);       // E1
void addFilterCells(Extent extent, std::vector<Plan>& to);       // E3
void addCgiCells(Extent extent, std::vector<Plan>& to);          // E4
void addHopCells(Extent extent, std::vector<Plan>& to);          // E5
void addPhpCells(Extent extent, std::vector<Plan>& to);          // E6
void addDatabaseCells(Extent extent, std::vector<Plan>& to);     // E7
void addMixCells(Extent extent, std::vector<Plan>& to);          // E9

inline constexpr LoadKind kBothLoads[] = {LoadKind::Single, LoadKind::Saturation};
/// The bytes that lookups.php prints for so many rows: "word 00001\n".
inline constexpr uint64_t kRowBytes = 11;

}  // namespace turnpike::measure
