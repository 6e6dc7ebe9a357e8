// What only root may do is asked of the box by a file in a directory that a service of the image watches: its name says
// what is wanted, its lines NAME=VALUE say how. What came of it is NAME.result beside it, or NAME.failure, a sentence.
#pragma once

#include "control/command.h"

#include <boost/json/array.hpp>

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

namespace postern::control {

inline constexpr std::string_view requests_directory = "requests"; // beside the control socket

inline constexpr std::size_t shortest_passphrase = 8; // of a disk

struct BoxRequest {
    std::string name;
    std::string lines = {};   // for the audit log as well
    core::Secret secret = {}; // a line that no log has
};

// Of a command box.NAME: checked, since root goes by it. Pure but for a look at the time zones. The error is a
// sentence.
[[nodiscard]] std::expected<BoxRequest, std::string> read_box_request(std::string_view command,
                                                                      Arguments const& arguments);

// Both block, for a moment. The directory is made.
[[nodiscard]] std::expected<void, std::string> leave_request(std::filesystem::path const& directory,
                                                             BoxRequest const& request);
[[nodiscard]] json::array box_results(std::filesystem::path const& directory);

} // namespace postern::control
