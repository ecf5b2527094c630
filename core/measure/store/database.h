// database.h - the open file behind Store; for the parts of this folder.
#pragma once
#include <Poco/Data/Session.h>

#include <string>

#include "measure/store/store.h"

namespace turnpike::measure {

class Store::Database {
 public:
    explicit Database(std::string name);

    const std::string file;
    mutable Poco::Data::Session session;
};

}  // namespace turnpike::measure
