// Backends that several routes declare.
#include "server/backends.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnpike::server {
namespace {
using ::testing::HasSubstr;

BackendSpec external(const std::string& address, uint32_t count) {
    BackendSpec spec;
    spec.name = spec.address = address;
    spec.count = count;
    return spec;
}

BackendSpec supervised(const std::string& name, const std::string& program) {
    BackendSpec spec;
    spec.name = name;
    spec.command = {program};
    return spec;
}

struct Backends : ::testing::Test {
    BackendRegistry registry{"/run/t", "/plugins"};
    std::string why;
};

TEST_F(Backends, ThatRunElsewhereMayBeUsedByEverySite) {
    BackendSpec spec = external("unix:/run/php.sock", 4);
    tp_backend* first = registry.add(spec, &why);
    ASSERT_NE(first, nullptr) << why;
    spec.site = 1;
    tp_backend* second = registry.add(spec, &why);
    ASSERT_NE(second, nullptr) << why;
    EXPECT_NE(first->index, second->index);
    EXPECT_EQ(first->address, second->address);
}

TEST_F(Backends, ThatAreSupervisedMayBeDeclaredTwiceAlike) {
    tp_backend* first = registry.add(supervised("app", "/bin/app"), &why);
    tp_backend* second = registry.add(supervised("app", "/bin/app"), &why);
    ASSERT_TRUE(first != nullptr && second != nullptr) << why;
    EXPECT_EQ(first->address, second->address);
}

TEST_F(Backends, OfOneNameMayNotDiffer) {
    ASSERT_NE(registry.add(supervised("app", "/bin/app"), &why), nullptr);
    EXPECT_EQ(registry.add(supervised("app", "/bin/other"), &why), nullptr);
    EXPECT_THAT(why, HasSubstr("already called \"app\""));
}

TEST_F(Backends, MayNotHaveTwoSizes) {
    ASSERT_NE(registry.add(external("127.0.0.1:9000", 4), &why), nullptr);
    EXPECT_EQ(registry.add(external("127.0.0.1:9000", 8), &why), nullptr);
    EXPECT_THAT(why, HasSubstr("4 requests at once"));
}

TEST_F(Backends, OfALaterWorkerAreThoseThatRun) {
    std::vector<BackendSpec> planned{supervised("php", "/usr/sbin/php-fpm8.2")};
    std::string running = registry.add(planned[0], &why)->address;
    BackendRegistry later("/run/t", "/plugins", &planned);
    tp_backend* found = later.add(supervised("php", "/usr/sbin/php-fpm8.4"), &why);
    ASSERT_NE(found, nullptr) << why;
    EXPECT_EQ(found->address, running);
    EXPECT_EQ(later.add(supervised("more", "/bin/app"), &why), nullptr);
    EXPECT_THAT(why, HasSubstr("\"more\" was not declared"));
}

}  // namespace
}  // namespace turnpike::server
