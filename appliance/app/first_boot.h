// A box without an office: it waits for one, with its control socket alone, where `postern setup` says what office it
// is to be. The store with all of that is made beside its place and moved there at once, so that a power cut leaves a
// box that has its office, or one that waits for it.
#pragma once

#include "app/options.h"

#include <expected>
#include <functional>
#include <string>

namespace postern::app {

// Whether there is an office, or one is to be made because the command line names its domain.
[[nodiscard]] bool has_office(Options const& options);

enum class FirstBootEnd : std::uint8_t { office_made, stopped };

// On the caller's thread, until there is an office or the daemon is told to stop. `ready` is called once it can be
// asked. The error is a sentence for the administrator.
[[nodiscard]] std::expected<FirstBootEnd, std::string> wait_for_office(Options const& options,
                                                                       std::function<void()> const& ready);

} // namespace postern::app
