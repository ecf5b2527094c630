#include "config/snapshot.h"

namespace turnpike::config {

std::string Position::text() const {
    std::string to = file;
    if (line != 0) to += ":" + std::to_string(line);
    if (column != 0) to += ":" + std::to_string(column);
    return to;
}

std::string Problem::text() const { return at.file.empty() ? message : at.text() + ": " + message; }

}  // namespace turnpike::config
