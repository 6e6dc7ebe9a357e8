// How many octets of the heap are in use, with whichever allocator the program has.
#pragma once

#include <malloc.h>

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define POSTERN_ALLOCATOR_OF_A_SANITIZER
#include <sanitizer/allocator_interface.h>
#endif
#endif

namespace postern::test {

[[nodiscard]] inline std::size_t held_octets() {
#ifdef POSTERN_ALLOCATOR_OF_A_SANITIZER
    return ::__sanitizer_get_current_allocated_bytes();
#else
    return ::mallinfo2().uordblks;
#endif
}

} // namespace postern::test
