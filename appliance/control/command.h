// What `postern` can ask of the daemon: one table of commands. A row yields the request's checks, the command line with
// its help, and the action. A new command is a new row and a new function.
#pragma once

#include "control/print.h"
#include "core/secret.h"

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::control {

namespace asio = boost::asio;
namespace json = boost::json;

struct Daemon; // daemon.h

enum class ParameterKind : std::uint8_t {
    word,          // a string
    words,         // one or more; the last positional parameter of a command
    more_words,    // the same, or none
    flag,          // true, or left out
    option,        // a string, or left out
    upload,        // the same; on the command line it is a file of which the daemon gets the content
    secret,        // a string that the command line never takes from its arguments, and makes up if nobody gives one
    known_secret,  // the same, but somebody else decided on it
    secret_upload, // an upload that holds passwords
    file, // one that the command line makes of the result, base64, for its user alone; the daemon never hears of it
};

struct Parameter {
    std::string_view name;
    ParameterKind kind;
    std::string_view help;
};

// What was given for a command's parameters: all but flags, options and files are there.
class Arguments {
public:
    [[nodiscard]] std::string const& word(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> const& words(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name) const { return values_.contains(name); }
    [[nodiscard]] std::optional<std::string> option(std::string_view name) const;
    [[nodiscard]] core::Secret const& secret(std::string_view name) const;

    using Value = std::variant<std::string, std::vector<std::string>, bool, core::Secret>;
    void put(std::string_view name, Value value) { values_.insert_or_assign(std::string(name), std::move(value)); }
    [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }

private:
    std::map<std::string, Value, std::less<>> values_;
};

// Octets that go to whoever asked, before the answer; at the pace at which he takes them. False: he takes no more.
using Send = std::function<asio::awaitable<bool>(std::string const& octets)>;
// Octets that he sends after the request, a piece at each call; empty at their end. Nothing: they were cut off.
using Receive = std::function<asio::awaitable<std::optional<std::string>>()>;

// One request under way.
struct Call {
    Daemon& daemon;
    Arguments arguments;
    std::string caller; // for the audit log: "uid 0"
    Send send{};        // both for the time of the call
    Receive receive{};
};

// Why a command was not done: a sentence for the administrator; `result` for what there is to show all the same.
struct Refusal {
    std::string reason;
    json::value result;
};
using Answer = std::expected<json::value, Refusal>;

[[nodiscard]] inline std::unexpected<Refusal> refused(std::string reason) {
    return std::unexpected(Refusal{std::move(reason), nullptr});
}

struct Command {
    std::string_view name; // "account.add"; on the command line with a space
    std::string_view help; // one sentence
    std::span<Parameter const> parameters;
    asio::awaitable<Answer> (*action)(Call call); // null: `postern` does it by itself, and the daemon is not asked
    std::string (*print)(json::value const& result) = control::print; // what it says, for people
};

[[nodiscard]] std::span<Command const> command_table();
[[nodiscard]] Command const* find_command(std::string_view name); // null: there is none

// What nobody types: `postern` asks it for what it does by itself.
[[nodiscard]] Command const* find_inner_command(std::string_view name);

} // namespace postern::control
