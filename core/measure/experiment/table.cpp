#include "measure/experiment/table.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace turnpike::measure {
namespace {

using ledger::Class;

std::string padded(const std::string& text, int width) {
    char buffer[128];
    std::snprintf(buffer, sizeof buffer, "%*s", width, text.c_str());
    return buffer;
}

std::string number(double value, int width, int digits) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%*.*f", width, digits, value);
    return buffer;
}

std::string number(const Estimate& estimate, int width, int digits) {
    return estimate.isKnown() ? number(estimate.value, width, digits) : padded("-", width);
}

std::string line(const CellSummary& cell, int key_width) {
    auto calls = [&](Class of) { return cell.calls[static_cast<size_t>(of)]; };
    std::string text = padded(cell.cell.key, -key_width);
    text += number(cell.per_second, 10, 0) + number(cell.p50_us, 10, 1);
    for (const Estimate* us : {&cell.engine_us, &cell.backend_us, &cell.database_us}) text += number(*us, 9, 1);
    text += number(calls(Class::Client), 9, 2) + number(calls(Class::Backend), 9, 2);
    text +=
        number(calls(Class::File), 7, 2) + number(calls(Class::Event), 7, 2) + number(calls(Class::Spawn), 9, 2);
    text += number(calls(Class::Listen) + calls(Class::Log), 7, 2);
    text += number(std::accumulate(cell.calls.begin(), cell.calls.end(), 0.0), 9, 2) + number(cell.bytes, 10, 0);
    text += padded(std::to_string(cell.trials), 5) + padded(std::to_string(cell.rejected), 5);
    return text + "\n";
}

}  // namespace

std::string cellTable(const Analysis& analysis) {
    size_t width = 4;
    for (const CellSummary& cell : analysis.cells) width = std::max(width, cell.cell.key.size());
    const int key_width = static_cast<int>(width);
    std::string text = padded("", key_width) + padded("", 20) + padded("CPU us/request", 27) +
                       padded("crossings per request", 48) + "\n";
    text += padded("cell", -key_width) + padded("req/s", 10) + padded("p50 us", 10) + padded("engine", 9) +
            padded("backend", 9) + padded("db", 9) + padded("client", 9) + padded("backend", 9) +
            padded("file", 7) + padded("event", 7) + padded("spawn", 9) + padded("other", 7) + padded("all", 9) +
            padded("bytes", 10) + padded("n", 5) + padded("rej", 5) + "\n";
    for (const CellSummary& cell : analysis.cells) text += line(cell, key_width);
    return text;
}

}  // namespace turnpike::measure
