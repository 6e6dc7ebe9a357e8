// LMDB reads its file through a memory map and trusts what it finds there. A block that the disk cannot give back is
// SIGBUS, a page with flipped bits a wild pointer or a failed assertion: within guarded(), each of these ends that one
// call instead of the process.
//
// Sound because the frames that are left behind are C, hold no lock but those of the transaction, and wrote to nothing
// but the transaction: whoever sees `faulted` aborts it, and after a change opens the environment anew. What a wild
// *write* of LMDB has done before is not undone; hence pages are validated when a store is opened (store/pages.h).
#pragma once

#include <lmdb.h>

#include <cstddef>
#include <memory>
#include <type_traits>

namespace postern::store {

// What guarded() returns for a call that was ended; none of LMDB's codes.
constexpr int faulted = -1;

// Runs call(data), which calls into LMDB and constructs nothing. Any thread; calls do not nest.
int guarded(int (*call)(void*), void* data);

template <typename Call> int guarded(Call&& call) {
    return guarded([](void* at) { return (*static_cast<std::remove_reference_t<Call>*>(at))(); }, std::addressof(call));
}

// Reads an octet of each page of what LMDB found, so that later reads of it do not fault. Within guarded().
void touch(MDB_val const& value);

// Makes LMDB's failed assertions end the call as well.
void guard_assertions(MDB_env* environment);

} // namespace postern::store
