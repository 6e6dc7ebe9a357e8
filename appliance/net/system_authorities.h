// The authorities that this system trusts for servers on the internet: Debian's ca-certificates. Any thread.
#pragma once

#include <expected>
#include <string>

namespace postern::net {

// PEM, some hundred of them. Reads a file: not for a thread that nothing may delay. The error is a sentence.
[[nodiscard]] std::expected<std::string, std::string> read_system_authorities();

} // namespace postern::net
