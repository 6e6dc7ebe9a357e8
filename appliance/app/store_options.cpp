#include "app/store_options.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cstdint>

namespace postern::app {

// The map is as large as the partition, so that the disk is what fills up, but leaves half of the 512 GiB that some
// arm64 kernels give a process; a small disk keeps a smaller reserve.
store::StoreOptions store_options(std::filesystem::path const& directory) {
    store::StoreOptions options;
    struct statvfs disk{};
    if (::statvfs(directory.c_str(), &disk) != 0) return options;
    std::uint64_t const size = std::uint64_t{disk.f_blocks} * disk.f_frsize;
    constexpr std::uint64_t page = 4096, least = std::uint64_t{64} << 20U, most = std::uint64_t{256} << 30U;
    options.map_size = std::clamp(size, least, most) / page * page;
    options.low_water = std::min(options.low_water, size / 16);
    return options;
}

} // namespace postern::app
