// A tp_request_view made of a few fields, for tests of pure helpers.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sdk/plugin.h"

namespace turnpike::support {

class RequestFields {
 public:
    using List = std::vector<std::pair<std::string, std::string>>;

    explicit RequestFields(List list, int32_t method = TP_METHOD_GET) : list_(std::move(list)) {
        for (const auto& [name, value] : list_) {
            fields_.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
            view_.present |= bit(name);
        }
        view_.struct_size = sizeof view_;
        view_.fields = fields_.data();
        view_.field_count = static_cast<uint32_t>(fields_.size());
        view_.method_id = method;
        view_.received_unix_ms = 1764000000000;
    }
    const tp_request_view& view() const { return view_; }

 private:
    static uint64_t bit(const std::string& name) {
        static const std::map<std::string, uint64_t> kBits = {{"if-match", TP_HAS_IF_MATCH},
                                                              {"if-none-match", TP_HAS_IF_NONE_MATCH},
                                                              {"if-modified-since", TP_HAS_IF_MODIFIED_SINCE},
                                                              {"if-unmodified-since", TP_HAS_IF_UNMODIFIED_SINCE},
                                                              {"if-range", TP_HAS_IF_RANGE},
                                                              {"range", TP_HAS_RANGE},
                                                              {"accept-encoding", TP_HAS_ACCEPT_ENCODING}};
        const auto found = kBits.find(name);
        return found == kBits.end() ? 0 : found->second;
    }
    List list_;
    std::vector<tp_field> fields_;
    tp_request_view view_{};
};

}  // namespace turnpike::support
