// The structures that plugins were compiled against stay where they are.
#include "layout.h"

#include <gtest/gtest.h>

#include <span>
#include <string>

namespace {

std::span<const layout_member> members() { return {layout_members, layout_member_count}; }

TEST(AbiLayout, HasEveryMemberWhereItWas) {
    if (sizeof(void*) != 8 || sizeof(long) != 8) GTEST_SKIP() << "the pinned numbers are those of LP64";
    for (const layout_member& m : members()) {
        if (m.name == nullptr) continue;
        EXPECT_EQ(m.offset, m.pinned_offset) << m.type << "." << m.name << " has moved";
        EXPECT_EQ(m.size, m.pinned_size) << m.type << "." << m.name << " has another size";
    }
}

// What is not pinned is noticed, too: members follow each other without a hole up to the end of their structure.
TEST(AbiLayout, HasNoMemberThatIsNotPinned) {
    size_t end = 0;
    for (const layout_member& m : members()) {
        if (m.name != nullptr) {
            EXPECT_EQ(m.offset, end) << "before " << m.type << "." << m.name;
            end = m.offset + m.size;
            continue;
        }
        EXPECT_EQ(m.offset, end) << m.type << " has members behind the last one that is pinned: pin them";
        EXPECT_EQ(m.offset, m.pinned_offset) << "sizeof " << m.type;
        end = 0;
    }
}

TEST(AbiLayout, HasEveryConstantAsItWas) {
    for (const layout_constant& c : std::span(layout_constants, layout_constant_count))
        EXPECT_EQ(c.value, c.pinned) << c.name;
}

}  // namespace
