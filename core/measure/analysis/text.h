// text.h - figures in sentences: three significant digits, intervals in words, sizes and contents as people name
// them. Pure.
#pragma once
#include <string>

#include "base/print.h"
#include "measure/stats/estimate.h"
#include "measure/store/model.h"

namespace turnpike::measure {

/// Three significant digits, never an exponent: "12.3", "1240", "0.00456".
std::string figure(double value);
/// "12.3 us (11.9 to 12.8)", "not measured"
std::string withInterval(const Estimate& estimate, const char* unit);
/// A factor as a change: 1.042 is "4.2 % (3.1 to 5.3)".
std::string change(const Estimate& factor);
/// A share: 0.978 is "97.8 % (97.1 to 98.4)".
std::string share(const Estimate& share);
/// "512 bytes", "4 KiB", "1 MiB"
std::string sizeText(double bytes);

/// What a cell serves, as people say it: "static 4 KiB (sendfile, connection kept)".
std::string contentOf(const Cell& cell);
/// The value of a factor; empty when the cell does not have it.
std::string factorOf(const Cell& cell, const char* factor);
/// The value of a numeric factor; 0 when the cell does not have it.
double numberOf(const Cell& cell, const char* factor);
/// The machine in a few words, what is not known left out: "Linux 6.1.0, AMD EPYC 7763, KVM"
std::string machineOf(const Fingerprint& fingerprint);

}  // namespace turnpike::measure
