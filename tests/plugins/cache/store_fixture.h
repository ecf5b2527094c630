// A store in memory of the fake host, and answers that say what they are in every byte.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "fixture.h"
#include "store.h"

namespace turnpike::cache {

class StoreTest : public CacheTest {
 protected:
    explicit StoreTest(uint64_t bytes = 2u << 20) : size(bytes) {
        host.set("memory", std::to_string(bytes)).set("max_object", "16KiB");
        load();
        store = std::make_unique<Store>(*fake::Shareds::table(), shared(), size);
    }
    tp_shared* shared() { return reinterpret_cast<tp_shared*>(&host.shareds.declared(0)); }

    static Hash target(uint64_t n) { return {n * 0x9e3779b97f4a7c15, n * 0xc2b2ae3d27d4eb4f}; }
    static Terms terms(uint64_t since_ns = 1) {
        Terms t;
        t.since_ns = since_ns;
        t.lifetime_ms = 1'000'000;
        t.status = 200;
        return t;
    }
    /// Label and body of every size hold the number alone.
    static Parts parts(uint64_t n, uint64_t version, size_t size, std::string& label, std::string& body) {
        const std::string word = std::to_string(n) + "/" + std::to_string(version) + ";";
        label = word + "\n";
        body.clear();
        while (body.size() < size) body += word;
        return {label, "a:b\n", body};
    }
    bool insert(uint64_t n, size_t bytes = 3000, uint64_t version = 0, uint64_t now_ns = 1) {
        std::string label, body;
        const Parts what = parts(n, version, bytes, label, body);
        return store->insert({target(n), {}, "", terms(version + 1), 0, store->changes(target(n))}, what, now_ns);
    }
    std::optional<Found> find(uint64_t n) {
        return store->find(
            target(n), [](std::string_view) { return Hash{}; }, 0,
            [](uint64_t, std::string_view) { return false; });
    }
    std::string read(const Found& found) {
        std::string all(found.label_size + found.fields_size + found.body_size, '\0');
        return store->read(found, 0, all.size(), all.data()) ? all : "torn";
    }
    /// Whether all of it is one answer to that target.
    static bool isWhole(uint64_t n, const Found& found, const std::string& all) {
        const std::string word = all.substr(0, all.find('\n'));
        if (!word.starts_with(std::to_string(n) + "/") || word.size() + 1 != found.label_size) return false;
        const std::string body = all.substr(found.label_size + found.fields_size);
        for (size_t at = 0; at < body.size(); at += word.size())
            if (body.compare(at, word.size(), word) != 0) return false;
        return all.substr(found.label_size, found.fields_size) == "a:b\n";
    }

    uint64_t size;
    std::unique_ptr<Store> store;
};

}  // namespace turnpike::cache
