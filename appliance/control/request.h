// The control protocol: one JSON object a line each way.
//   request: {"command": "account.add", "arguments": {"name": "alice", "password": "..."}}
//   reply:   {"ok": true, "result": ...} or {"ok": false, "reason": "...", "result": ...}
// Pure; any thread.
#pragma once

#include "control/command.h"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace postern::control {

inline constexpr std::size_t request_limit = 1024 * 1024; // octets

struct Request {
    Command const* command;
    Arguments arguments;
};

// Checks a line against the command table; the error is a sentence.
[[nodiscard]] std::expected<Request, std::string> parse_request(std::string_view line);

// Both with their newline.
[[nodiscard]] std::string write_request(Command const& command, json::object const& arguments);
[[nodiscard]] std::string write_reply(Answer const& answer);

// What a reply says; an answer of ours is always readable, so that anything else is a refusal that says so.
[[nodiscard]] Answer parse_reply(std::string_view line);

} // namespace postern::control
