// How the daemon opens the store of a data directory.
#pragma once

#include "store/store.h"

#include <filesystem>

namespace postern::app {

[[nodiscard]] store::StoreOptions store_options(std::filesystem::path const& directory);

} // namespace postern::app
