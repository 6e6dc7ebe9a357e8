// What the process keeps in memory and need not. Any thread; a millisecond or so.
#pragma once

namespace postern::app {

// The allocator keeps what was freed below something that is still in use; after a rush that is much.
void give_back_freed();

// For when the start is over, which used most of the program once: lets go of its code and constants, and of those of
// its libraries. The kernel brings back what is used, from where the disk's pages lie in memory anyway.
void let_go_of_program();

} // namespace postern::app
