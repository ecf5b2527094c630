#include "store.h"

#include "store_fixture.h"

namespace turnpike::cache {
namespace {

TEST_F(StoreTest, GivesBackWhatItWasGiven) {
    for (const size_t bytes : {1u, 1000u, 1024u, 1025u, 16'000u}) {
        ASSERT_TRUE(insert(bytes, bytes));
        const auto found = find(bytes);
        ASSERT_TRUE(found);
        EXPECT_TRUE(isWhole(bytes, *found, read(*found))) << bytes;
        EXPECT_GE(found->body_size, bytes);
    }
    EXPECT_FALSE(find(7));
    std::string part(10, '\0');
    const auto found = find(16'000);
    ASSERT_TRUE(store->read(*found, found->label_size + found->fields_size + 2048, 10, part.data()));
    EXPECT_EQ(part, read(*found).substr(found->label_size + found->fields_size + 2048, 10));
}

TEST_F(StoreTest, HasOneOfEachVariantAndTheLatest) {
    insert(1, 100, 1);
    const auto before = find(1);
    insert(1, 100, 2);
    EXPECT_EQ(read(*before), "torn") << "its place may be another's already";
    EXPECT_TRUE(read(*find(1)).starts_with("1/2;"));
}

TEST_F(StoreTest, KeepsVariantsApartAndOnlySoMany) {
    const auto variantOf = [](uint64_t v) { return [v](std::string_view) { return Hash{v, v}; }; };
    const auto never = [](uint64_t, std::string_view) { return false; };
    for (uint64_t v = 1; v <= kMostVariants + 4; ++v)
        ASSERT_TRUE(
            store->insert({target(1), {v, v}, "accept", terms(v), 0, 0}, {"label\n", "", std::to_string(v)}, 1));
    size_t kept = 0;
    for (uint64_t v = 1; v <= kMostVariants + 4; ++v)
        kept += store->find(target(1), variantOf(v), 0, never) ? 1 : 0;
    EXPECT_EQ(kept, kMostVariants);
    EXPECT_TRUE(store->find(target(1), variantOf(kMostVariants + 4), 0, never));
    EXPECT_FALSE(store->find(target(1), variantOf(1), 0, never)) << "the oldest had to leave";
}

TEST_F(StoreTest, StaysWithinItsMemoryAndKeepsWhatIsUsed) {
    ASSERT_TRUE(insert(0));
    for (uint64_t n = 1; n < 5000; ++n) {
        ASSERT_TRUE(insert(n)) << n;
        ASSERT_TRUE(find(0)) << "it is asked for all the time, and went when " << n << " came";
    }
    EXPECT_GT(store->counts().evicted.load(), 3000u);
    size_t kept = 0;
    for (uint64_t n = 0; n < 5000; ++n) {
        const auto found = find(n);
        if (!found) continue;
        ++kept;
        EXPECT_TRUE(isWhole(n, *found, read(*found)));
    }
    EXPECT_GT(kept, 200u);
}

TEST_F(StoreTest, TakesDeadAnswersFirst) {
    Terms dead = terms();
    dead.lifetime_ms = 1;
    std::string label, body;
    const Parts what = parts(0, 0, 3000, label, body);
    const uint64_t now = 1'000'000'000;
    for (uint64_t n = 1000; n < 1010; ++n) store->insert({target(n), {}, "", dead, 0, 0}, what, 1);
    uint64_t n = 0;
    for (; store->counts().evicted.load() == 0; ++n) ASSERT_TRUE(insert(n, 3000, 0, now));
    for (uint64_t live = 0; live < n; ++live) EXPECT_TRUE(find(live)) << live;
}

TEST_F(StoreTest, RefusesWhatIsTooLarge) {
    EXPECT_FALSE(insert(1, Store::mostOf(size) + 1));
    EXPECT_TRUE(insert(1, Store::mostOf(size) - 100));
    EXPECT_FALSE(
        store->insert({target(2), {}, std::string(kMostVary + 1, 'x'), terms(), 0, 0}, {"l\n", "", ""}, 1));
}

TEST_F(StoreTest, LeavesWhatIsBeingSentAlone) {
    ASSERT_TRUE(insert(1));
    const auto found = find(1);
    ASSERT_TRUE(store->lease(*found, 1000));
    store->remove(target(1), 10);
    EXPECT_FALSE(find(1));
    for (uint64_t n = 2; n < 3000; ++n) insert(n, 3000, 0, 10);
    EXPECT_TRUE(isWhole(1, *found, read(*found))) << "its bytes are still needed";
    for (uint64_t n = 3000; n < 6000; ++n) insert(n, 3000, 0, 2000);
    EXPECT_EQ(read(*found), "torn") << "the time is over";
    EXPECT_FALSE(store->lease(*found, 5000));
}

TEST_F(StoreTest, HasNoRoomWhereEverythingIsBeingSent) {
    uint64_t n = 0;
    while (n < 5000 && insert(n)) ASSERT_TRUE(store->lease(*find(n++), 1000));
    EXPECT_EQ(store->counts().evicted.load(), 0u);
    EXPECT_GT(n, 100u);
    for (uint64_t kept = 0; kept < n; ++kept) EXPECT_TRUE(isWhole(kept, *find(kept), read(*find(kept)))) << kept;
    EXPECT_FALSE(find(n));
    EXPECT_TRUE(insert(n, 3000, 0, 2000)) << "they have all been sent";
}

TEST_F(StoreTest, StoresNothingOfATargetThatWasChangedSince) {
    const uint64_t before = store->changes(target(1));
    store->remove(target(1), 1);
    std::string label, body;
    const Parts what = parts(1, 0, 100, label, body);
    EXPECT_FALSE(store->insert({target(1), {}, "", terms(), 0, before}, what, 1));
    EXPECT_TRUE(store->insert({target(1), {}, "", terms(), 0, store->changes(target(1))}, what, 1));
}

TEST_F(StoreTest, AsksEachNoticeOnceOfEachAnswer) {
    insert(1, 100);
    int asked = 0;
    const auto variant = [](std::string_view) { return Hash{}; };
    const auto count = [&](uint64_t seen, std::string_view label) {
        EXPECT_EQ(label, "1/0;\n");
        EXPECT_EQ(seen, 0u);
        ++asked;
        return false;
    };
    EXPECT_TRUE(store->find(target(1), variant, 5, count));
    EXPECT_TRUE(store->find(target(1), variant, 5, count));
    EXPECT_EQ(asked, 1);
    EXPECT_FALSE(store->find(target(1), variant, 6, [](uint64_t seen, std::string_view) { return seen == 5; }));
    EXPECT_FALSE(find(1));
}

TEST_F(StoreTest, GivesTurnsToOneAtATime) {
    const auto alive = [](uint32_t, uint32_t life) { return life != 13; };
    using Turn = Store::Turn;
    EXPECT_EQ(store->takeTurn(target(1), 0, 1, 1, 5, alive), Turn::Mine);
    EXPECT_EQ(store->takeTurn(target(1), 1, 1, 2, 5, alive), Turn::Others);
    EXPECT_EQ(store->takeTurn(target(2), 1, 1, 2, 5, alive), Turn::Mine);
    store->endTurn(target(1), 7, 1);  // somebody else's
    EXPECT_EQ(store->takeTurn(target(1), 1, 1, 2, 5, alive), Turn::Others);
    store->endTurn(target(1), 0, 1);
    EXPECT_EQ(store->takeTurn(target(1), 1, 13, 3, 5, alive), Turn::Mine);
    EXPECT_EQ(store->takeTurn(target(1), 2, 1, 4, 5, alive), Turn::Mine) << "who had it has died";
    EXPECT_EQ(store->takeTurn(target(1), 3, 1, 4 + 5'000'000, 5, alive), Turn::Mine) << "it took too long";
    store->pass(target(1), 9'000'000);
    EXPECT_EQ(store->takeTurn(target(1), 4, 1, 8'999'999, 5, alive), Turn::Free);
    EXPECT_EQ(store->takeTurn(target(1), 4, 1, 9'000'000, 5, alive), Turn::Others);
    size_t free = 0;
    for (uint64_t n = 100; n < 1000; ++n)
        free += store->takeTurn(target(n), 5, 1, 10'000'000, 5, alive) == Turn::Free ? 1 : 0;
    EXPECT_GT(free, 500u) << "the list is short: the rest needs no turn";
}

TEST_F(StoreTest, LetsASiteRestAfterARenewalThatFailed) {
    EXPECT_FALSE(store->isResting(target(1), 1));
    store->rest(target(1), 5'000);
    EXPECT_TRUE(store->isResting(target(1), 4'999));
    EXPECT_FALSE(store->isResting(target(1), 5'000));
    EXPECT_FALSE(store->isResting(target(2), 1)) << "that is another one";
    const auto alive = [](uint32_t, uint32_t) { return true; };
    EXPECT_EQ(store->takeTurn(target(1), 0, 1, 1, 5, alive), Store::Turn::Mine) << "who needs an answer gets one";
}

}  // namespace
}  // namespace turnpike::cache
