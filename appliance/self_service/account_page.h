// The pages for account holders, as they look. Pure.
#pragma once

#include "core/clock.h"
#include "http/message.h"
#include "office/sign_ins.h"
#include "store/records.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::self_service {

// Where they are.
inline constexpr std::string_view account_path = "/account";
inline constexpr std::string_view log_in_path = "/account/log-in";
inline constexpr std::string_view log_out_path = "/account/log-out";
inline constexpr std::string_view password_path = "/account/password";

// Of a password that somebody gives himself (NIST SP 800-63B §5.1.1.2).
inline constexpr std::size_t shortest_password = 8; // characters

// What came of what was asked, to be told.
enum class Notice : std::uint8_t {
    none,
    wrong,
    unavailable,
    changed,
    wrong_password,
    too_short,
    not_the_same,
    unusable,
};

[[nodiscard]] http::Response log_in_page(std::string_view language, std::string_view address, Notice notice,
                                         std::string_view setup_url);

struct Account {
    std::string address;
    store::Usage usage;
    store::Quota quota;
    std::vector<office::Device> devices;
    std::string form_token;
};

[[nodiscard]] http::Response account_page(std::string_view language, Account const& account, Notice notice,
                                          core::WallTime now, std::string_view setup_url);

} // namespace postern::self_service
