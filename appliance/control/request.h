// The control protocol: one JSON object a line each way.
//   request: {"command": "account.add", "arguments": {"name": "alice", "password": "..."}}
//   octets:  {"octets": N} and, after the newline, so many; any number of them, before the reply, or, where the command
//            takes some, after the request, with 0 of them at their end
//   reply:   {"ok": true, "result": ...} or {"ok": false, "reason": "...", "result": ...}
// Pure; any thread.
#pragma once

#include "control/command.h"

#include <cstddef>
#include <expected>
#include <optional>
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
// The line before octets, and how many it announces; nothing: it is a reply.
[[nodiscard]] std::string announce_octets(std::size_t count);
[[nodiscard]] std::optional<std::size_t> announced_octets(std::string_view line);
inline constexpr std::size_t octets_limit = 32 * 1024 * 1024; // at a time

// What a reply says; an answer of ours is always readable, so that anything else is a refusal that says so.
[[nodiscard]] Answer parse_reply(std::string_view line);

} // namespace postern::control
