#include "plugin/setup.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

namespace {

using turnpike::config::BoundKey;

tp_str view(const std::string& text) { return {text.data(), text.size()}; }

tp_setup::Value valueOf(const BoundKey& key) {
    tp_setup::Value value{&key, {}, {}};
    for (const std::string& item : key.list) value.list.push_back(view(item));
    for (const auto& [name, text] : key.map) value.map.push_back({view(name), view(text)});
    return value;
}

bool isInteger(int32_t type) { return type >= TP_KEY_INTEGER && type <= TP_KEY_SIZE; }

[[noreturn]] void stop(const tp_setup& setup, const char* function, const char* key, const char* mistake) {
    std::fprintf(stderr, "plugin %s: %s(\"%s\"): %s\n", setup.use.plugin.c_str(), function, key, mistake);
    std::abort();
}

const tp_setup::Value& declared(const tp_setup* setup, const char* function, const char* key) {
    const tp_setup::Value* value = setup->find(key);
    if (value == nullptr) stop(*setup, function, key, "the plugin did not declare that key");
    return *value;
}

/// The value of a key that was declared with exactly this type.
const tp_setup::Value& typed(const tp_setup* setup, const char* function, const char* key, int32_t type) {
    const tp_setup::Value& value = declared(setup, function, key);
    if (value.key->declared->type != type) stop(*setup, function, key, "the key was declared with another type");
    return value;
}

}  // namespace

tp_setup::tp_setup(const turnpike::config::Site& of, const turnpike::config::PluginUse& named,
                   std::vector<BoundKey> keys, std::vector<turnpike::config::Problem>& to)
    : site(of), use(named), keys_(std::move(keys)), problems_(to) {
    for (const BoundKey& key : keys_) values_.emplace(key.declared->name, valueOf(key));
    for (const std::string& name : site.index) index.push_back(view(name));
}

const tp_setup::Value* tp_setup::find(std::string_view name) const {
    auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
}

void tp_setup::refuse(std::string_view key, std::string_view message) {
    is_refused_ = true;
    const Value* value = find(key);
    bool has_place = value != nullptr && value->key->is_set;
    std::string text = "plugin " + use.plugin + ": ";
    if (!key.empty()) text += std::string(key) + ": ";
    problems_.push_back({has_place ? value->key->at : use.at, text + std::string(message)});
}

namespace turnpike::plugin {

void* configure(const tp_plugin& plugin, const tp_host& host, tp_setup& setup) {
    void* self = nullptr;
    // A plugin must not throw through the C table; one that does is refused here instead of ending the server.
    try {
        self = plugin.configure(&host, &setup);
    } catch (const std::exception& e) {
        setup.refuse("", std::string("configure() threw: ") + e.what());
    } catch (...) {
        setup.refuse("", "configure() threw something that is no std::exception");
    }
    if (self != nullptr && setup.isRefused()) {
        if (plugin.destroy != nullptr) plugin.destroy(self);
        return nullptr;
    }
    if (self == nullptr && !setup.isRefused()) setup.refuse("", "configure() refused and did not say why");
    return self;
}

tp_str configString(const tp_setup* setup, const char* key) {
    return view(typed(setup, "config_string", key, TP_KEY_STRING).key->text);
}

int64_t configInteger(const tp_setup* setup, const char* key) {
    const tp_setup::Value& value = declared(setup, "config_integer", key);
    if (!isInteger(value.key->declared->type))
        stop(*setup, "config_integer", key, "the key was declared with another type");
    return value.key->integer;
}

size_t configList(const tp_setup* setup, const char* key, const tp_str** items) {
    const auto& list = typed(setup, "config_list", key, TP_KEY_LIST).list;
    *items = list.data();
    return list.size();
}

size_t configMap(const tp_setup* setup, const char* key, const tp_field** items) {
    const auto& map = typed(setup, "config_map", key, TP_KEY_MAP).map;
    *items = map.data();
    return map.size();
}

int32_t configIsSet(const tp_setup* setup, const char* key) {
    return declared(setup, "config_is_set", key).key->is_set ? 1 : 0;
}

void* configError(tp_setup* setup, const char* key, const char* message) {
    setup->refuse(key, message);
    return nullptr;
}

tp_str siteName(const tp_setup* setup) { return view(setup->site.name); }
tp_str siteRoot(const tp_setup* setup) { return view(setup->site.root); }

size_t siteIndex(const tp_setup* setup, const tp_str** names) {
    *names = setup->index.data();
    return setup->index.size();
}

}  // namespace turnpike::plugin
