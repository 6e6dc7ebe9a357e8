// The password that the set-up menu asks for: what is kept of it (menu_password_value). Pure; any thread.
#pragma once

#include "core/secret.h"
#include "store/records.h"

#include <optional>
#include <string>
#include <string_view>

namespace postern::control {

[[nodiscard]] std::string write_verifier(store::ScramVerifier const& verifier);
[[nodiscard]] std::optional<store::ScramVerifier> read_verifier(std::string_view kept); // nothing: it is none

// Burns processor, as a login does.
[[nodiscard]] bool is_password_of(store::ScramVerifier const& verifier, core::Secret const& password);

} // namespace postern::control
