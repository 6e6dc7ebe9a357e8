// The settings table: one row a setting yields its command-line option, range, help, manual line and typed access.
// A Settings is a value: a snapshot that a session holds while it lives; the daemon swaps in a new one when the
// administrator changes something. Values persist in the store as text; only what differs from the default is kept.
#pragma once

#include "core/mask_rules.h"
#include "core/name_server.h"
#include "core/schedule.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::core {

enum class SettingType : std::uint8_t { text, flag, count, bytes, seconds, list, masks, name_servers, schedule };

struct SettingRow {
    std::string_view name; // "smtp.message_size_limit"
    SettingType type;
    std::string_view default_value; // as an administrator would write it
    std::uint64_t least;            // numbers only, in the type's unit
    std::uint64_t most;
    std::string_view help; // one sentence, for an administrator
};

// Every setting there is, by name.
[[nodiscard]] std::span<SettingRow const> setting_table();

// Numbers as an administrator writes them in settings: octets with K, M, G, plain ones, and times with s, m, h, d.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view written);
[[nodiscard]] std::optional<std::uint64_t> parse_count(std::string_view written);
[[nodiscard]] std::optional<std::chrono::seconds> parse_seconds(std::string_view written);

class Settings {
public:
    // The typed value; throws std::logic_error for a name or a type that the table does not have.
    [[nodiscard]] std::string_view text(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name) const;
    [[nodiscard]] std::uint64_t count(std::string_view name) const;
    [[nodiscard]] std::uint64_t bytes(std::string_view name) const;           // written with K, M, G (powers of 1024)
    [[nodiscard]] std::chrono::seconds seconds(std::string_view name) const;  // written with s, m, h, d
    [[nodiscard]] std::vector<std::string> list(std::string_view name) const; // written with spaces or commas between
    [[nodiscard]] std::vector<MaskRule> masks(std::string_view name) const;   // mask_rules.h says how it is written
    [[nodiscard]] std::vector<NameServer> name_servers(std::string_view name) const; // name_server.h

    [[nodiscard]] Schedule schedule(std::string_view name) const; // schedule.h says how

    // As an administrator writes it. The error is a sentence that says what is wrong and what would be right.
    std::expected<void, std::string> set(std::string_view name, std::string_view value);
    void reset(std::string_view name);
    [[nodiscard]] std::optional<std::string> written(std::string_view name) const; // nothing: no such setting
    [[nodiscard]] bool is_default(std::string_view name) const;

private:
    [[nodiscard]] std::string_view value_of(std::string_view name, SettingType type) const;
    [[nodiscard]] std::uint64_t number_of(std::string_view name, SettingType type) const;

    std::map<std::string, std::string, std::less<>> values_; // what differs from the default
};

} // namespace postern::core
