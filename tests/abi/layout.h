/* layout.h - what layout.c pins, for the test that compares. */
#ifndef TP_TEST_LAYOUT_H
#define TP_TEST_LAYOUT_H
#include <stddef.h> /* NOLINT(modernize-deprecated-headers): C11 */
#ifdef __cplusplus
extern "C" {
#endif

/* A member, or the end of a structure: then name is NULL, and the offsets are sizes. */
struct layout_member {
    const char *type, *name;
    size_t pinned_offset, pinned_size, offset, size;
};
struct layout_constant {
    const char* name;
    long pinned, value;
};
extern const struct layout_member layout_members[];
extern const struct layout_constant layout_constants[];
extern const size_t layout_member_count, layout_constant_count;

#ifdef __cplusplus
}
#endif
#endif
