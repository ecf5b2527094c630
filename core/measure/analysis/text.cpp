#include "measure/analysis/text.h"

#include <cmath>
#include <cstdlib>

namespace turnpike::measure {
namespace {

std::string percent(double share) {
    double tenths = std::round(share * 1000);
    return print("%.1f", tenths == 0 ? 0 : tenths / 10);  // and never "-0.0"
}

std::string interval(const Estimate& estimate, double offset) {
    return percent(estimate.value - offset) + " % (" + percent(estimate.low - offset) + " to " +
           percent(estimate.high - offset) + ")";
}

std::string databaseName(const std::string& database) {
    if (database == "sqlite") return "SQLite";
    if (database == "mariadb-unix") return "MariaDB, unix";
    if (database == "mariadb-tcp") return "MariaDB, TCP";
    return database;
}

std::string programName(const std::string& program) {
    if (program == "c-static") return "CGI (static C program)";
    if (program == "c-dynamic") return "CGI (dynamic C program)";
    if (program == "php-cgi") return "CGI (php-cgi)";
    return "the same answer by a plugin";
}

std::string hopContent(const Cell& cell) {
    std::string backend = factorOf(cell, "backend"), size = sizeText(numberOf(cell, "body"));
    if (backend == "in-process") return size + " by a plugin";
    if (backend == "php-inline") return "PHP in the worker (" + size + ")";
    if (backend == "php-pool") return "embedded PHP (" + size + ")";
    std::string what = backend == "php-fpm" ? "PHP by php-fpm" : "FastCGI responder in C";
    return what + " (" + factorOf(cell, "transport") + ", connection " + factorOf(cell, "connection") + ", " +
           size + ")";
}

std::string phpName(const std::string& way) {
    if (way == "inline") return "PHP in the worker";
    if (way == "pool") return "embedded PHP";
    if (way == "fpm-unix") return "PHP by php-fpm, unix";
    if (way == "fpm-tcp") return "PHP by php-fpm, TCP";
    return "PHP by CGI";
}

std::string mixContent(const Cell& cell) {
    const char* page = factorOf(cell, "page") == "php-db" ? " % PHP pages with queries" : " % PHP pages";
    return factorOf(cell, "dynamic") + page + ", the rest static";
}

std::string clientContent(const Cell& cell) {
    std::string client = factorOf(cell, "client");
    if (client == "split") return "requests in two segments";
    if (client == "slow") return "requests that come byte by byte";
    if (client == "abandoned") return "connections that ask for nothing";
    if (client == "garbage") return "garbage in place of requests";
    return "valid requests";
}

}  // namespace

std::string figure(double value) {
    if (value == 0 || !std::isfinite(value)) return print("%g", value);
    int before = static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
    return print("%.*f", std::max(0, 3 - before), value);
}

std::string withInterval(const Estimate& estimate, const char* unit) {
    if (!estimate.isKnown()) return "not measured";
    return figure(estimate.value) + " " + unit + " (" + figure(estimate.low) + " to " + figure(estimate.high) +
           ")";
}

std::string change(const Estimate& factor) {
    return factor.isKnown() ? interval(factor, 1) : std::string("not measured");
}

std::string share(const Estimate& share) {
    return share.isKnown() ? interval(share, 0) : std::string("not measured");
}

std::string sizeText(double bytes) {
    constexpr double kKib = 1024, kMib = kKib * kKib;
    if (bytes >= kMib) return print("%g MiB", bytes / kMib);
    if (bytes >= kKib) return print("%g KiB", bytes / kKib);
    return print("%g bytes", bytes);
}

std::string contentOf(const Cell& cell) {
    const std::string& experiment = cell.experiment;
    if (experiment == "E1")
        return "static " + sizeText(numberOf(cell, "size")) + " (" + factorOf(cell, "send") + ", connection " +
               factorOf(cell, "connection") + ")";
    if (experiment == "E3") return clientContent(cell);
    if (experiment == "E4") return programName(factorOf(cell, "program"));
    if (experiment == "E5") return hopContent(cell);
    if (experiment == "E6") return phpName(factorOf(cell, "php")) + " (" + sizeText(numberOf(cell, "body")) + ")";
    if (experiment == "E7")
        return (factorOf(cell, "php").empty() ? "PHP with " : phpName(factorOf(cell, "php")) + " with ") +
               factorOf(cell, "queries") + " queries (" + databaseName(factorOf(cell, "database")) + ", " +
               factorOf(cell, "connection") + ", " + factorOf(cell, "statement") + ")";
    if (experiment == "E9") return mixContent(cell);
    return cell.key;
}

std::string factorOf(const Cell& cell, const char* factor) {
    auto found = cell.factors.find(factor);
    return found == cell.factors.end() ? std::string() : found->second;
}

double numberOf(const Cell& cell, const char* factor) {
    return std::strtod(factorOf(cell, factor).c_str(), nullptr);
}

std::string machineOf(const Fingerprint& fingerprint) {
    std::string text;
    for (const char* wanted : {"kernel", "cpu", "hypervisor"})
        for (const Fact& fact : fingerprint)
            if (fact.name == wanted && fact.value != "unknown" && fact.value != "none")
                text += (text.empty() ? "" : ", ") + fact.value;
    return text.empty() ? "a machine without a fingerprint" : text;
}

}  // namespace turnpike::measure
