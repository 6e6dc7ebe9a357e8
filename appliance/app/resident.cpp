#include "app/resident.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace postern::app {

void give_back_freed() { ::malloc_trim(0); }

void let_go_of_program() {
    ::dl_iterate_phdr(
        [](dl_phdr_info* object, std::size_t, void*) {
            auto const page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
            for (auto const& segment : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
                // What can be written to, or could while it was linked, is not in the file as it is in memory.
                if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
                std::uintptr_t const at = object->dlpi_addr + segment.p_vaddr, begin = at / page * page;
                // It is a favour: where it is not done, nothing is lost.
                (void)::madvise(reinterpret_cast<void*>(begin), at + segment.p_memsz - begin, MADV_DONTNEED);
            }
            return 0;
        },
        nullptr);
}

} // namespace postern::app
